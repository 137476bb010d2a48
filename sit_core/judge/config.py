"""Who judges which outputs, as a record; and as the words of the ``sit judge`` command.

The page and the command line share it, so the page can show exactly the command that it runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

from sit_core.config.parse import to_plain
from sit_core.errors import SitError, UsageError
from sit_core.judge.folder import Judge, load_judge
from sit_core.models.config import ModelConfig
from sit_core.models.usage import Prices
from sit_core.store import Store
from sit_core.store.scores import check_runs

USUAL_JUDGE = "seqeval"
_OF_MODEL = (
    *("adapter", "backend", "base_url", "key_env", "revision", "dtype", "device"),
    *("device_map", "prompt_format", "batch_tokens", "in_flight"),
)
"""What may be said of the model; how it generates is the judge's own."""


@dataclass(frozen=True)
class JudgeConfig:
    """Every field is an option of ``sit judge``; ``runs`` is ``--run``, given once for each."""

    runs: tuple[str, ...]
    model: ModelConfig
    """Which model judges. Its generation settings don't count: those are the judge's folder's."""
    judge: str = USUAL_JUDGE
    """A judge's name, or the path of its folder."""
    against: str | None = None
    """The reference's run; for judges that compare."""
    study: str | None = None
    """Only the samples of this study; their steps are the study's."""
    limit: int | None = None
    """Only so many examples of each run, drawn by `seed`; runs on the same examples get the same
    ones."""
    seed: int = 0
    prices: Prices = field(default_factory=Prices)

    def chosen(self) -> Judge:
        """The judge.

        Raises:
            SitError: there is none of that name, or its folder is not in order.
        """
        return load_judge(self.judge)

    def model_of(self, judge: Judge) -> ModelConfig:
        """The model with the judge's own generation settings."""
        generation = to_plain(judge.settings.generation, defaults=True)
        return replace(self.model, stop=(), **generation)

    def check(self, store: Store) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = list(self._faults(store))
        if problems:
            raise UsageError(" ".join(dict.fromkeys(problems)))

    def _faults(self, store: Store) -> Iterator[str]:
        if self.study is not None:
            from sit_core.store.studies import get_study

            try:
                get_study(store, self.study)
            except SitError as error:
                yield str(error)
        if self.runs or self.study is None:
            try:
                check_runs(store, [*self.runs, *([self.against] if self.against else [])])
            except SitError as error:
                yield str(error)
        elif self.against:
            try:
                check_runs(store, [self.against])
            except SitError as error:
                yield str(error)
        if self.limit is not None and self.limit < 1:
            yield "The limit must be at least 1."
        if self.seed < 0:
            yield "The seed must be 0 or more."
        yield from self.prices.faults()
        try:
            judge = self.chosen()
        except SitError as error:
            yield str(error)
            return
        yield from self.model_of(judge).faults()
        if judge.kind.compares and not self.against:
            yield f"The judge {judge.name} compares with a reference; name its run (--against RUN)."
        elif self.against and not judge.kind.compares:
            yield f"The judge {judge.name} judges outputs one by one; leave --against out."
        elif self.against in self.runs:
            yield f"The run {self.against!r} can't be compared with itself."


def words_of(wanted: JudgeConfig) -> list[str]:
    """The words after ``sit`` that ask for exactly this; what is as usual is left out.

    >>> words_of(JudgeConfig(("a",), ModelConfig("m"), limit=5))
    ['judge', '--run=a', '--model=m', '--limit=5']
    """
    words = ["judge", *(f"--run={run}" for run in wanted.runs)]
    if wanted.judge != USUAL_JUDGE:
        words.append(f"--judge={wanted.judge}")
    words.append(f"--model={wanted.model.model}")
    usual = {f.name: f.default for f in fields(ModelConfig)}
    words += [
        f"--{name.replace('_', '-')}={value}"
        for name in _OF_MODEL
        if (value := getattr(wanted.model, name)) != usual[name]
    ]
    more = {
        "against": wanted.against,
        "study": wanted.study,
        "limit": wanted.limit,
        "seed": wanted.seed or None,
        "input-price": wanted.prices.input or None,
        "output-price": wanted.prices.output or None,
        "budget": wanted.prices.budget,
    }
    return [*words, *(f"--{name}={v}" for name, v in more.items() if v is not None)]


def title_of(wanted: JudgeConfig) -> str:
    """The job's line in lists.

    >>> title_of(JudgeConfig(("a", "b", "c", "d"), ModelConfig("m"), "pairwise", against="r"))
    'Judging (pairwise by m) a, b, c and 1 more against r'
    """
    more = len(wanted.runs) - 3
    runs = ", ".join(wanted.runs[:3]) + (f" and {more} more" if more > 0 else "")
    runs = runs or f"the study {wanted.study}"
    against = f" against {wanted.against}" if wanted.against else ""
    return f"Judging ({wanted.judge} by {wanted.model.model}) {runs}{against}"
