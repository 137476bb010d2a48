"""What intermediate text the model is given, and where: settings of a run.

    GivenConfig(condition="negative", pool="microlab:answer:2000")
    GivenConfig(condition="written", text="It is raining.", place="output")

The adversarial analysis (the paper's Table 4) compares runs that differ in the condition alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sit_core.config.fields import LONG_TEXT, PATH, Config, setting

OWN, NONE, TRUE, NEGATIVE, CORRUPTED, WRITTEN = CONDITIONS = (
    *("own", "none", "true", "negative", "corrupted", "written"),
)
OUTPUT, INSTRUCTION, BOTH = PLACES = ("output", "instruction", "both")


@dataclass(frozen=True, kw_only=True)
class GivenConfig(Config):
    """The intermediate text of a run's outputs: the model's own, or one that is given."""

    condition: str = setting(
        OWN,
        "Whose intermediate text the answer comes after: the model's own; none (the last step "
        "alone is asked); the expected one; that of another training item; the expected one with "
        "one fact changed; one that you write.",
        label="Intermediate text",
        choices={
            OWN: "the model's own",
            NONE: "none: the answer alone is asked",
            TRUE: "true: the expected text",
            NEGATIVE: "negative: that of another training item",
            CORRUPTED: "corrupted: one fact of the expected text changed",
            WRITTEN: "written by you",
        },
    )
    place: str = setting(
        BOTH,
        "Where a given text stands: as the beginning of the model's own output, at the end of the "
        "instruction, or both (as in the paper).",
        label="The given text stands",
        choices={
            OUTPUT: "at the beginning of the output",
            INSTRUCTION: "at the end of the instruction",
            BOTH: "in both (as in the paper)",
        },
    )
    text: str | None = setting(
        None,
        "Of condition written: the text, the same for all.",
        label="Text that is given",
        flag="--given-text",
        kind=LONG_TEXT,
    )
    file: str | None = setting(
        None,
        "Of condition written: JSONL with input, text and (if known) answer, the one that the "
        "text implies; a line for each example.",
        label="File of texts",
        flag="--given-file",
        metavar="FILE",
        kind=PATH,
    )
    from_run: str | None = setting(
        None,
        "Of condition own: the run whose intermediate texts are given; else the model writes.",
        label="Run whose texts are given",
        flag="--given-from",
        metavar="RUN",
        placeholder="none: the model writes",
    )
    pool: str | None = setting(
        None,
        "Training items whose intermediate texts are given (negative), or whose answers are put in "
        "(corrupted).",
        label="Training items",
        metavar="SOURCE[:FILE]",
        placeholder="microlab:answer:2000, or a file",
    )
    step: str | None = setting(
        None,
        "The last step whose text is given; else the one before the last of the chain.",
        label="Given up to step",
        flag="--given-step",
        metavar="KEY",
        placeholder="the one before the last",
    )
    seed: int = setting(
        0,
        "Of the choice of items and facts.",
        label="Seed of the choice",
        flag="--given-seed",
        ge=0,
        le=2**63 - 1,
    )
    answer_instruction: str | None = setting(
        None,
        "Of condition none: what is asked; else each example's own instruction, without the "
        "wording.",
        label="Instruction of the answer alone",
        kind=LONG_TEXT,
        placeholder="the example's own, without the wording",
    )

    @property
    def gives(self) -> bool:
        """Whether any text is given."""
        return self.condition not in (OWN, NONE) or self.from_run is not None

    @property
    def differs(self) -> bool:
        """Whether anything else is asked than the examples as they are."""
        return self.gives or self.condition == NONE

    @property
    def begins_output(self) -> bool:
        """Whether the output begins with a given text."""
        return self.gives and self.place != INSTRUCTION

    def faults(self) -> Iterator[str]:
        """What is wrong with the values together."""
        if self.condition == WRITTEN and (self.text is None) == (self.file is None):
            yield "The condition written takes either one text (given text) or a file of texts."
        if self.text is not None and not self.text.strip():
            yield "The text that is given is empty."
        if self.condition == NEGATIVE and not (self.pool or "").strip():
            yield "The condition negative takes texts of training items: name their source (pool)."
        for name, value, of in (
            ("text", self.text, (WRITTEN,)),
            ("file", self.file, (WRITTEN,)),
            ("from_run", self.from_run, (OWN,)),
            ("pool", self.pool, (NEGATIVE, CORRUPTED)),
            ("answer_instruction", self.answer_instruction, (NONE,)),
        ):
            if value is not None and self.condition not in of:
                yield f"{name} belongs to the condition {' or '.join(of)}, not {self.condition}."
        if self.answer_instruction is not None and not self.answer_instruction.strip():
            yield "The instruction of the answer alone is empty."
