"""Which runs are scored by what; the options of ``sit score`` and the form on Scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sit_core.config.fields import PATH, Config, setting

if TYPE_CHECKING:
    from sit_core.metrics.registry import Options

USUAL = ("accuracy", "rouge-l", "following")
"""What needs no encoder."""


@dataclass(frozen=True)
class ScoreConfig(Config):
    """Runs and metrics, with the settings of these."""

    runs: tuple[str, ...] = setting(
        help="The run to score; may be given several times.",
        label="Runs",
        flag="--run",
        metavar="NAME",
        unique=True,
    )
    metrics: tuple[str, ...] = setting(
        USUAL,
        "Which: accuracy, exact-match, f1 (both as SQuAD), contains-gold, rouge-l, bertscore, "
        "following (rules; an estimate of what people say), verifiable and verifiable-loose "
        "(IFEval's constraints).",
        label="Metrics",
        comma=True,
        unique=True,
    )
    tokenizer: Literal["unicode", "rouge_score"] = setting(
        "unicode",
        "ROUGE-L: words of every script, or as the package rouge_score (a-z and 0-9 only).",
        label="ROUGE-L counts",
        choices={
            "unicode": "words of every script",
            "rouge_score": "as the package rouge_score: a-z and 0-9 only",
        },
    )
    encoder: str = setting(
        "roberta-large",
        "BERTScore: the encoder.",
        label="Encoder of BERTScore: hub id or folder",
        metavar="ID|FOLDER",
        kind=PATH,
    )
    layers: int | None = setting(
        None,
        "BERTScore: the layer, for an encoder of which bert-score does not know the best one.",
        label="Layer",
        placeholder="as known",
        ge=1,
    )
    sentence_encoder: str = setting(
        "",
        "Following: a multilingual encoder of sentences, for translations whose expected text is "
        "not known. Without one, names, numbers and lengths tell, and much stays unsure. Where it "
        "can't tell the languages' sentences apart, the reason says so.",
        label="Sentence encoder of following: hub id or folder",
        placeholder="none",
        metavar="ID|FOLDER",
        kind=PATH,
    )
    again: bool = setting(
        False, "BERTScore: score anew what has a score already.", label="Also what has a score"
    )
    words: Literal["squad-mlqa", "all-scripts"] = setting(
        "squad-mlqa",
        "Exact match, F1, contains-gold: words as SQuAD's script cuts them in English and MLQA's "
        "elsewhere, or by rules for every script (also Thai, Japanese, …); scores of both are kept "
        "side by side.",
        label="Words of exact match and F1",
        choices={
            "squad-mlqa": "as SQuAD's script in English, MLQA's elsewhere",
            "all-scripts": "by rules for every script",
        },
    )

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if not self.runs:
            yield "Choose at least one run (--run)."
        if not self.metrics:
            yield "Choose at least one metric; --metrics names none."
        if "bertscore" in self.metrics and not self.encoder.strip():
            yield "BERTScore needs an encoder: a hub id or a folder."

    def options(self) -> "Options":
        """The same as the metrics want it."""
        from sit_core.metrics.registry import Options

        return Options(
            self.tokenizer,
            self.encoder,
            self.layers,
            sentence_encoder=self.sentence_encoder.strip(),
            words=self.words,
        )
