"""Which runs are to be scored by what, as a record; and as the words of the ``sit score`` command.

The page and the command line share it, so the page can show exactly the command that it runs.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sit_core.errors import SitError, UsageError
from sit_core.metrics.bertscore import DEFAULT_ENCODER
from sit_core.metrics.registry import METRICS, Options
from sit_core.metrics.rouge_l import TOKENIZERS, UNICODE
from sit_core.store import Store
from sit_core.store.scores import check_runs

USUAL = ("accuracy", "rouge-l", "following")
"""What needs no encoder."""


@dataclass(frozen=True, slots=True)
class ScoreConfig:
    """Every field is an option of ``sit score``; ``runs`` is ``--run``, given once for each."""

    runs: tuple[str, ...]
    metrics: tuple[str, ...] = USUAL
    tokenizer: str = UNICODE
    """ROUGE-L's."""
    encoder: str = DEFAULT_ENCODER
    """BERTScore's: id or folder."""
    layers: int | None = None
    """BERTScore's, where it is not known for the encoder."""
    again: bool = False
    """BERTScore: also what has a score already."""

    sentence_encoder: str = ""
    """Of *following*: id or folder of a multilingual one; empty: translations are told without."""

    def options(self) -> Options:
        """The same as the metrics want it."""
        return Options(
            self.tokenizer,
            self.encoder,
            self.layers,
            sentence_encoder=self.sentence_encoder.strip(),
        )

    def check(self, store: Store) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = []
        try:
            check_runs(store, self.runs)
        except SitError as error:
            problems.append(str(error))
        if not self.metrics:
            problems.append("Choose at least one metric; --metrics names none.")
        for name in self.metrics:
            try:
                METRICS.get(name)
            except SitError as error:
                problems.append(str(error))
        if self.tokenizer not in TOKENIZERS:
            problems.append(f"The tokenizer is one of {', '.join(TOKENIZERS)}.")
        if "bertscore" in self.metrics and not self.encoder.strip():
            problems.append("BERTScore needs an encoder: a hub id or a folder.")
        if self.layers is not None and self.layers < 1:
            problems.append("The encoder's layer is a number from 1 on.")
        if problems:
            raise UsageError(" ".join(problems))


def words_of(wanted: ScoreConfig) -> list[str]:
    """The words after ``sit`` that ask for exactly this; what is as usual is left out.

    >>> words_of(ScoreConfig(("mine", "a,b"), ("accuracy",)))
    ['score', '--run=mine', '--run=a,b', '--metrics=accuracy']
    """
    words = ["score", *(f"--run={run}" for run in wanted.runs)]
    if wanted.metrics != USUAL:
        words.append(f"--metrics={_listed(wanted.metrics)}")
    if wanted.tokenizer != UNICODE:
        words.append(f"--tokenizer={wanted.tokenizer}")
    if wanted.encoder != DEFAULT_ENCODER:
        words.append(f"--encoder={wanted.encoder}")
    if wanted.layers is not None:
        words.append(f"--layers={wanted.layers}")
    if wanted.sentence_encoder.strip():
        words.append(f"--sentence-encoder={wanted.sentence_encoder.strip()}")
    if wanted.again:
        words.append("--again")
    return words


def title_of(wanted: ScoreConfig) -> str:
    """The job's line in lists.

    >>> title_of(ScoreConfig(("a", "b", "c", "d"), ("accuracy", "rouge-l")))
    'Scores (accuracy, rouge-l) of a, b, c and 1 more'
    """
    more = len(wanted.runs) - 3
    runs = ", ".join(wanted.runs[:3]) + (f" and {more} more" if more > 0 else "")
    return f"Scores ({', '.join(wanted.metrics)}) of {runs}"


def _listed(names: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
