"""What a leaderboard is asked and what it says: question, columns, rows, figures, tests. Pure.

A **system** is one of our runs or others' results without outputs. A **column** is one thing that
is said of systems; a **figure** is what it says of one system: value, n, interval, and how many
outputs have none and why. Shares (following, wins, accuracy) are 0 to 1, quality is 1 to 5.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypedDict

from sit_core.errors import UsageError
from sit_core.statistics.interval import LEVEL, figure_text

SHARE_SCORED, MEAN_SCORED = "share_scored", "mean_scored"

FOLLOWING, FOLLOWING_HUMAN, FOLLOWING_RULE = "following_llm", "following_human", "following_rule"
QUALITY, WINS = "quality", "win_rate"
CHARACTERS, WORDS = "characters", "words"
SCORE, BENCHMARK = "score", "benchmark"
"""A score's key is ``score/METRIC/SETTINGS/STEP``, a benchmark's ``benchmark/TASK/METRIC/SETTING``;
each part is percent-encoded."""

REPORTED = "reported"
"""What a row of others' results is called."""

Kind = Literal["share", "quality", "length", "number"]
"""``share``: 0 to 1, shown in percent. ``quality``: 1 to 5. ``length``: characters or words."""
By = Literal["following", "quality", "duels"]


@dataclass(frozen=True, slots=True)
class LeaderboardQuestion:
    """Which systems, by whose verdicts, against whom."""

    judge: str | None = None
    """Name of the LLM judge that says what was followed and how good it is; None: the one that
    judged most outputs."""
    duels_by: str | None = None
    """Name of the LLM judge that compared outputs; None: the one that compared most with the
    reference."""
    systems: tuple[str, ...] = ()
    """Only these, by name (a run that is no system yet goes by its own name); empty: all systems,
    and all runs that an LLM judged; until there are any, those that people or rules judged."""
    prompt_set: str | None = None
    """Only systems that were asked these prompts: a prompt set's name. None: the set with the most
    systems, of several with as many the one with the most prompts."""
    reference: str | None = None
    """The system that win rates are against; None: the one that was compared with most others."""
    study: str | None = None
    """Whose people's verdicts; None: those of all studies."""
    partly_done: bool = True
    """Whether *partly* counts as followed."""
    reported: bool = True
    """Whether others' results are shown as well."""
    seed: int = 0
    """Of nothing that is shown today: intervals are no longer drawn. Kept in exports."""
    alpha: float = 0.05
    """Systems whose difference has a corrected p below it get different letters."""

    def check(self) -> None:
        """See that the numbers can be.

        Raises:
            UsageError: they can't.
        """
        if self.seed < 0 or not 0 < self.alpha < 1:
            raise UsageError("The seed is a number from 0, and alpha is between 0 and 1.")


@dataclass(frozen=True, slots=True)
class BoardFigure:
    """What one column says of one system."""

    value: float | None
    """None where nothing has a value; `reasons` say why."""
    n: int
    """How many outputs have a value; of win rates: how many prompts were compared in both orders;
    of others' results and benchmarks what they say, 0 where they don't."""
    low: float | None = None
    high: float | None = None
    method: str | None = None
    """How `low` and `high` were made; a key of `sit_core.statistics.METHODS`."""
    without: int = 0
    """Outputs that have no value. Of scores, those that lack what was asked for count as 0 all the
    same; ``detail`` has their share and the mean of the others."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why they have none → how many, the commonest first."""
    letters: str = ""
    """Of a tested column: systems that share a letter don't differ significantly."""
    detail: Mapping[str, float] = field(default_factory=dict)
    """``median`` of lengths; ``wins``, ``ties``, ``losses`` of win rates; of scores `SHARE_SCORED`,
    the share of the n outputs that have a value, and `MEAN_SCORED`, the mean of those alone
    (*accuracy of answered*, *rouge-l of present*)."""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One thing that is said of systems."""

    key: str
    """Stable: what exports and addresses call it."""
    label: str
    kind: Kind
    about: str
    """One sentence: what is counted, and by whom."""
    tested: bool = False
    """Whether systems were tested against each other and have letters."""


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """One system."""

    system: str
    run: str | None
    """None: others' results, without outputs."""
    base_model: str | None
    training_data: str | None
    outputs: int
    """0 for others' results."""
    empty: int
    """Outputs in which there is nothing but white space; they count like any other."""
    errors: int
    """Prompts for which there is no output."""
    figures: Mapping[str, BoardFigure]
    """Column → figure, for the columns that say anything of it."""
    source: str = ""
    """Of others' results: where they came from."""
    stepwise: bool = False
    """Whether the LLM judge said something of each step, so that *following* is all of them."""
    registered: bool = False
    """Whether somebody gave it a name, base model or training data."""

    @property
    def origin(self) -> str:
        """Where it has no outputs here: what it is instead."""
        from sit_core.benchmark.save import BENCHMARKS_ONLY

        if self.run is not None:
            return ""
        return "benchmarks only" if self.source == BENCHMARKS_ONLY else REPORTED


@dataclass(frozen=True, slots=True)
class IterationFigure:
    """What a column says of a system on the prompts of one number of iterations."""

    system: str
    column: str
    iteration: int
    prompts: int
    figure: BoardFigure


@dataclass(frozen=True, slots=True)
class PairTest:
    """Two systems at one column, on the prompts at which both have a value."""

    column: str
    first: str
    second: str
    n: int
    difference: float
    """Mean of the first minus mean of the second, on those prompts."""
    p: float
    """Two-sided: Bonett and Price's for following, the exact sign-flip permutation test for
    quality."""
    corrected: float
    """Holm's, over all pairs of the column that share a prompt."""
    low: float | None = None
    """Of the difference."""
    high: float | None = None
    method: str | None = None
    """How `low` and `high` (and p, of following) were made."""
    p_mcnemar: float | None = None
    """Of following: McNemar's exact p, which decides nothing; None where no prompt differs."""


@dataclass(frozen=True, slots=True)
class BoardJudge:
    """An LLM judge, and how much it has said of all systems."""

    name: str
    outputs: int
    """With a verdict."""
    unusable: int
    duels: int
    """Comparisons, each order counted."""


@dataclass(frozen=True, slots=True)
class BoardSet:
    """A prompt set, and how many systems of the board were asked its prompts."""

    name: str
    prompts: int
    systems: int


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The board, and all that its figures depend on."""

    question: LeaderboardQuestion
    """As asked, with prompt set, judge, duels_by and reference as they were chosen."""
    columns: tuple[BoardColumn, ...]
    rows: tuple[LeaderboardRow, ...]
    """The highest following rate first, those without at the end."""
    iterations: tuple[IterationFigure, ...]
    """For following (by the judge) and quality, where prompts say how often they were grown."""
    pairs: tuple[PairTest, ...]
    judges: tuple[BoardJudge, ...]
    """All that could be chosen, the busiest first."""
    notes: tuple[str, ...]
    """Sentences on what a reader must know: how intervals and letters were made, what is missing.
    They may hold names that others gave: show them verbatim."""
    version: str
    """Of the program that counted."""
    sets: tuple[BoardSet, ...] = ()
    """The prompt sets that could be chosen, the one with the most systems first."""
    left_out: tuple[str, ...] = ()
    """Those of the notes that name systems and runs which have no row here, or an odd one."""

    @property
    def prompt_set(self) -> BoardSet | None:
        """The prompt set that the systems were asked; None where runs belong to none."""
        return next((one for one in self.sets if one.name == self.question.prompt_set), None)

    def row(self, system: str) -> LeaderboardRow:
        """The row of that system.

        Raises:
            UsageError: it is not on the board.
        """
        for row in self.rows:
            if row.system == system:
                return row
        from sit_core.registry import unknown

        raise UsageError(unknown("system", system, [row.system for row in self.rows]))

    def column(self, key: str) -> BoardColumn:
        """The column of that key.

        Raises:
            UsageError: it is not on the board.
        """
        for column in self.columns:
            if column.key == key:
                return column
        from sit_core.registry import unknown

        raise UsageError(unknown("column", key, [column.key for column in self.columns]))

    def to_dict(self) -> dict[str, Any]:
        """The stable shape of ``sit results leaderboard --json`` and of JSON exports."""
        return {
            "kind": "sit leaderboard",
            "shape": 1,
            "version": self.version,
            "level": LEVEL,
            **{name: value for name, value in asdict(self.question).items() if name != "systems"},
            "notes": list(self.notes),
            "prompt_sets": [asdict(one) for one in self.sets],
            "columns": [asdict(column) for column in self.columns],
            "rows": [asdict(row) for row in self.rows],
            "iterations": [asdict(row) for row in self.iterations],
            "pairs": [asdict(row) for row in self.pairs],
        }


class _Form(TypedDict):
    digits: int | str
    scale: float


def shown(figure: BoardFigure | None, kind: Kind) -> str:
    """A figure in one cell: value, interval, n, and how many have no value.

    >>> shown(BoardFigure(.9, 10, .6, .98, without=2), "share")
    '90.0 [60.0–98.0] n=10, 2 without'
    >>> shown(BoardFigure(4.25, 10, 4, 4.5, letters="ab"), "quality"), shown(None, "share")
    ('4.25 [4.00–4.50] ab n=10', '–')
    """
    if figure is None:
        return "–"
    if figure.value is None:
        return f"–, {figure.without} without" if figure.without else "–"
    letters = f" {figure.letters}" if figure.letters else ""
    text = figure_text(
        figure.value, figure.low, figure.high, n=figure.n, beside=letters, **_form(kind)
    )
    return ", ".join([text, *beside(figure)])


def beside(figure: BoardFigure) -> list[str]:
    """What stands beside n: of scores how many of the n have no value, and how many are left out.

    >>> beside(BoardFigure(.5, 10, without=2))
    ['2 without']
    >>> beside(BoardFigure(.5, 10, without=5, detail={"share_scored": .7}))
    ['3 of them without', '2 left out']
    """
    share = figure.detail.get(SHARE_SCORED)
    if share is None:
        return [f"{figure.without:,} without"] if figure.without else []
    lacking = figure.n - round(share * figure.n)
    return [
        *([f"{lacking:,} of them without"] if lacking else []),
        *([f"{figure.without - lacking:,} left out"] if figure.without > lacking else []),
    ]


def value_shown(value: float, kind: Kind) -> str:
    """A value with the digits of its kind.

    >>> value_shown(.123, "share"), value_shown(4.5, "quality"), value_shown(812.4, "length")
    ('12.3', '4.50', '812')
    """
    return figure_text(value, None, None, **_form(kind))


def _form(kind: Kind) -> _Form:
    if kind == "share":
        return {"digits": 1, "scale": 100}
    return {"digits": {"quality": 2, "length": 0}.get(kind, ".4g"), "scale": 1}
