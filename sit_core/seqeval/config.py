"""A system's evaluation on SeqEval as a record; and as the words of the ``sit seqeval`` command."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from sit_core.errors import SitError, UsageError
from sit_core.judge.config import JudgeConfig
from sit_core.models.config import ModelConfig
from sit_core.models.usage import Prices
from sit_core.predict import PredictConfig, PredictModel
from sit_core.predict.action import ACTION as PREDICT
from sit_core.store import Store

USUAL_PROMPTS = "seqeval"
"""The micro world's set."""
USUAL_JUDGE = "seqeval"
COMPARING = "pairwise"
OF_MODEL = (
    *("adapter", "backend", "base_url", "key_env", "revision", "dtype", "device", "device_map"),
    *("prompt_format", "max_new_tokens", "temperature", "top_p", "top_k", "seed"),
    *("batch_tokens", "in_flight"),
)
OF_JUDGE = (
    *("adapter", "backend", "base_url", "key_env", "revision", "dtype", "device", "device_map"),
    *("prompt_format", "batch_tokens", "in_flight"),
)
"""What may be said of the judge's model; how it generates is the judge's own."""


@dataclass(frozen=True)
class SeqevalConfig:
    """Every field is an option of ``sit seqeval``; those of the judge's model begin with judge-."""

    name: str
    """Of the run, and of the system."""
    model: ModelConfig
    prompts: str = USUAL_PROMPTS
    """A source of examples: ``seqeval``, ``seqeval:FILE``, a file of that shape, or any other."""
    limit: int | None = None
    judge: str | None = USUAL_JUDGE
    """A judge's name or folder; None: nobody judges."""
    judge_model: ModelConfig | None = None
    against: str | None = None
    """A run to compare with, by the judge *pairwise*."""
    base_model: str | None = None
    training_data: str | None = None
    prices: Prices = field(default_factory=Prices)
    """The judge's."""

    def predicting(self) -> PredictConfig:
        """The run that is to be made."""
        return PredictConfig(
            model=self.model.as_kind(PredictModel),
            run=self.name,
            examples=self.source(),
            limit=self.limit,
        )

    def source(self) -> str:
        """The prompts as a source: a path alone is a file of SeqEval's shape."""
        from sit_core.sources import split_source

        kind, rest = split_source(self.prompts)
        return (
            f"{USUAL_PROMPTS}:{rest}" if kind == "file" and rest == self.prompts else self.prompts
        )

    def judgings(self) -> list[JudgeConfig]:
        """What the judge is asked, one after another."""
        if self.judge is None or self.judge_model is None:
            return []
        asked = [
            JudgeConfig((self.name,), model=self.judge_model, judge=self.judge, prices=self.prices)
        ]
        if self.against is not None:
            asked.append(
                JudgeConfig(
                    (self.name,),
                    model=self.judge_model,
                    judge=COMPARING,
                    against=self.against,
                    prices=self.prices,
                )
            )
        return asked

    def check(self, store: Store) -> None:
        """See that it can work as far as that is known before anything is loaded.

        Raises:
            UsageError: all that is wrong, in one message.
        """
        problems = list(self._faults(store))
        if problems:
            raise UsageError(" ".join(dict.fromkeys(problems)))

    def _faults(self, store: Store) -> Iterator[str]:
        from sit_core.judge.folder import load_judge
        from sit_core.store.browse import run_names
        from sit_core.store.systems import name_problems

        yield from PREDICT.all_faults(self.predicting(), store)
        yield from name_problems(self.name)
        yield from self.prices.faults()
        if self.judge is not None and self.judge_model is None:
            yield "Name the model that judges (--judge-model), or say --no-judge."
        if self.judge is not None:
            try:
                kind = load_judge(self.judge).kind
                if kind.compares:
                    yield f"The judge {self.judge!r} compares; name one that judges single outputs."
            except SitError as error:
                yield str(error)
        if self.against is not None:
            known = run_names(store)
            if self.judge_model is None:
                yield "A comparison (--against) needs a model that judges (--judge-model)."
            if self.against not in known or self.against == self.name:
                yield f"There is no other run {self.against!r} to compare with."


def words_of(wanted: SeqevalConfig) -> list[str]:
    """The words after ``sit`` that ask for exactly this; what is as usual is left out.

    >>> words_of(SeqevalConfig("mine", ModelConfig("m"), judge_model=ModelConfig("j")))
    ['seqeval', '--name=mine', '--model=m', '--judge-model=j']
    """
    words = ["seqeval", f"--name={wanted.name}", f"--model={wanted.model.model}"]
    usual = {f.name: f.default for f in fields(ModelConfig)}
    parts: list[tuple[ModelConfig, str, tuple[str, ...]]] = [(wanted.model, "", OF_MODEL)]
    if wanted.judge_model is not None:
        parts.append((wanted.judge_model, "judge-", OF_JUDGE))
    for model, prefix, names in parts:
        words += [f"--{prefix}model={model.model}"] if prefix else []
        words += [
            f"--{prefix}{name.replace('_', '-')}={value}"
            for name in names
            if (value := getattr(model, name)) != usual[name]
        ]
        words += [f"--stop={text}" for text in model.stop] if not prefix else []
    if wanted.judge is None:
        words.append("--no-judge")
    more = {
        "prompts": None if wanted.prompts == USUAL_PROMPTS else wanted.prompts,
        "limit": wanted.limit,
        "judge": None if wanted.judge == USUAL_JUDGE else wanted.judge,
        "against": wanted.against,
        "base-model": wanted.base_model,
        "training-data": wanted.training_data,
        "input-price": wanted.prices.input or None,
        "output-price": wanted.prices.output or None,
        "budget": wanted.prices.budget,
    }
    return [*words, *(f"--{name}={v}" for name, v in more.items() if v is not None)]


def title_of(wanted: SeqevalConfig) -> str:
    """The job's line in lists."""
    by = (
        f", judged by {wanted.judge_model.model}"
        if wanted.judgings() and wanted.judge_model
        else ""
    )
    return f"SeqEval of {wanted.name}: {wanted.model.model}{by}"
