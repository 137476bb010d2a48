"""The run itself: lay it out, load the model, generate what is missing, write it as it comes."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from sit_core import __version__
from sit_core.actions import Context
from sit_core.errors import SitError
from sit_core.models import Generated, Model, Prefilled, load_model
from sit_core.models.config import WITHOUT_EFFECT
from sit_core.models.interface import APART, FailuresInARow
from sit_core.predict.action import ACTION
from sit_core.predict.config import PredictConfig
from sit_core.predict.examples import examples_of, options_of, set_name_of
from sit_core.predict.given import GivenPrompt, given_prompts
from sit_core.predict.given_config import NONE, GivenConfig
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.run_contents import error_reasons
from sit_core.store.run_resume import OpenRun, finish_run, note_model, note_origin, open_run
from sit_core.store.run_writing import RunWriter
from sit_core.store.runs import abandon_run


@dataclass(frozen=True, slots=True)
class PredictReport:
    """What came of a run, in outputs."""

    run: str
    written: int
    """By this attempt."""
    known: int
    """There already."""
    errors: int
    """Examples without output, for reasons of their own; tried again when the run is."""
    cut: int
    """Outputs that a limit ended."""
    refused: int = 0
    """Outputs that are a refusal, or what a content filter left."""
    thoughts: int = 0
    """Outputs whose model thought first; its thoughts are kept apart."""
    left_out: tuple[str, ...] = ()
    """Settings that the endpoint refused for this model, so that they were not sent."""
    examples_read: tuple[str, ...] = ()
    """What was read of the examples as something else, and what of them is not sent."""


def predict(
    config: PredictConfig, context: Context, part_of: Mapping[str, Any] | None = None
) -> PredictReport:
    """Make the outputs of a run that are not there yet.

    Args:
        config: what is asked; a run that was begun must be asked the same again.
        context: where to, as which job; its `stopped` is asked by the model at every token.
        part_of: what a new run is a part of, such as an experiment; kept in its provenance.

    Raises:
        UsageError: the configuration can't work.
        SitError: the model can't be loaded, nothing comes any more, or it can't be stored; what
            was written is kept.
    """
    ACTION.check(config, context.store)
    store, report = context.store, context.report
    report(None, None, "reading the examples")
    template = config.wording()
    how = options_of(store, config)
    asked = examples_of(config.examples, how)
    remarks = tuple(how.summary.remarks())
    for remark in remarks:
        report(None, None, f"the examples' file: {remark}")
    prompts = _prompts(config, store, asked)
    for remark in prompts.remarks:
        report(None, None, remark)
    remarks = (*remarks, *prompts.remarks)
    run = open_run(
        store,
        config.run,
        asked,
        model=config.model.model,
        adapter=config.model.adapter,
        settings=settings_of(config, asked),
        provenance={
            **(part_of or {}),
            "version": __version__,
            "examples": config.examples,
            "examples_read": list(remarks),
            "instruction": template and {"name": template.name, "sha256": template.sha256},
        },
        job=context.job,
        factors=config.factor_values(),
        prompt_set=config.prompt_set,
        set_proposed=set_name_of(config.examples, None if template is None else template.name),
    )
    known = len(run.planned) - len(run.missing)
    report(known, len(run.planned), "loading the model" if run.missing else "")
    written = 0
    left_out: tuple[str, ...] = ()
    if run.missing:
        with closing(_loaded(store, run, config)) as model:
            note_origin(store, run, _origin(model, run, prompts))
            try:
                written = _generate(run, model, config, context, prompts)
            except BaseException:
                with suppress(SitError):  # the reason why it ended is the one that is told
                    note_model(store, run, model.identity())
                raise
            # What a model is, and what it refuses, an endpoint says only in its replies.
            identity = model.identity()
            note_model(store, run, identity)
            left_out = tuple(identity.get("left_out", ()))
    counts = finish_run(store, run)
    if not counts.outputs and counts.errors:
        reasons = Counter(reason for _, reason in error_reasons(store, run.name, counts.errors))
        raise SitError(
            f"None of the {counts.errors} examples got an output; see the run's errors. "
            f"The commonest: {reasons.most_common(1)[0][0]}"
        )
    if counts.outputs + counts.errors < len(run.planned):
        report(counts.outputs, len(run.planned), "stopped early")  # raises if that was asked
        raise SitError("The model ended before all was made; what was written is kept. Resume it.")
    said = f"{counts.outputs:,} of {len(run.planned):,} outputs"
    if counts.errors:
        said += f", {counts.errors:,} errors"
    said += f", {counts.refused:,} refused" if counts.refused else ""
    said += f"; the endpoint refuses {' and '.join(left_out)}, so left out" if left_out else ""
    report(counts.outputs, len(run.planned), said)
    return PredictReport(
        run=run.name,
        written=written,
        known=known,
        errors=counts.errors,
        cut=counts.cut,
        refused=counts.refused,
        thoughts=counts.thoughts,
        left_out=left_out,
        examples_read=remarks,
    )


def _loaded(store: Store, run: OpenRun, config: PredictConfig) -> Model:
    """The model; a new run does not stay behind where there is none."""
    try:
        return load_model(config.model.spec())
    except SitError:
        if run.new:
            abandon_run(store, run.id, [prediction.example.id for prediction in run.planned])
        raise


def _generate(
    run: OpenRun, model: Model, config: PredictConfig, context: Context, asked: "_Prompts"
) -> int:
    store, report = context.store, context.report
    given = asked.of(run)
    places = [place for place in run.missing if given[place].prompt is not None]
    prompts = [prompt for place in places if (prompt := given[place].prompt) is not None]
    total, known = len(run.planned), len(run.planned) - len(run.missing)
    errors = written = 0
    failures = FailuresInARow()
    report(known, total, "generating")
    with RunWriter(store, run) as writer:
        for place in run.missing:
            if given[place].prompt is None:
                writer.add(place, "", {}, given[place].fault)
                errors += 1
        for index, made in _closed(
            model.generate(prompts, config.model.generation(), context.stopped)
        ):
            one = given[places[index]]
            writer.add(
                places[index],
                one.given + made.text,
                _meta(made) | one.meta,
                made.error,
                outcome=made.outcome,
                thoughts=made.thoughts,
            )
            if made.error is None:
                written += 1
            else:
                errors += 1
            report(known + written, total, f"{errors:,} errors" if errors else "generating")
            if failures.add(made.error):
                raise SitError(
                    f"{failures.count} examples in a row got no output (the last one: "
                    f"{failures.last}); what was written is kept, and the run can be resumed."
                )
    return written


def _closed(made: Iterator[tuple[int, Generated]]) -> Iterator[tuple[int, Generated]]:
    """The same; whoever leaves early ends the generating at once, not when memory is tidied."""
    try:
        yield from made
    finally:
        close = getattr(made, "close", None)
        if close is not None:
            close()


def _meta(made: Generated) -> dict[str, Any]:
    meta: dict[str, Any] = {"seconds": round(made.seconds, 3)}
    if made.tokens is not None:
        meta["tokens"] = made.tokens
    if made.cut:
        meta["cut"] = True
    if made.reason:
        meta["reason"] = made.reason
    return meta


@dataclass(frozen=True, slots=True)
class _Prompts:
    """What the model is asked for each example, where that is not the example alone."""

    found: list[GivenPrompt]
    remarks: tuple[str, ...] = ()
    """What can't be used of the texts' source."""

    def of(self, run: OpenRun) -> list[GivenPrompt]:
        """The prompts of all that the run holds, in its order."""
        return self.found or [GivenPrompt(planned.example) for planned in run.planned]


def _prompts(config: PredictConfig, store: Store, asked: list[Example]) -> _Prompts:
    """The prompts with their given texts; none where every example is asked as it is."""
    if not config.given.differs:
        return _Prompts([])
    plain = asked
    if config.given.condition == NONE and config.given.answer_instruction is None:
        own = replace(config, instruction=None, template=None, steps=None)
        plain = examples_of(config.examples, options_of(store, own))
    remarks: list[str] = []
    found = given_prompts(store, config.given, asked, plain, remarks)
    return _Prompts(found, tuple(remarks))


def settings_of(config: PredictConfig, asked: Sequence[Example]) -> dict[str, Any]:
    """All that the outputs depend on, as JSON: two runs with the same are the same run."""
    template = config.wording()
    spec, generation = asdict(config.model.spec()), asdict(config.model.generation())
    values: dict[str, Any] = {
        **{k: v for k, v in {**spec, **generation}.items() if k not in WITHOUT_EFFECT},
        "model": config.model.model,
        "adapter": config.model.adapter,
        "instruction": None if template is None else template.text,
        "examples_sha256": _sha256(example.id for example in asked),
    }
    if values["thoughts"] == APART:  # as in runs from before there was a choice
        del values["thoughts"]
    if config.given.differs:  # likewise
        usual = asdict(GivenConfig())
        values["given"] = {k: v for k, v in asdict(config.given).items() if v != usual[k]}
    return dict(json.loads(json.dumps(values)))  # tuples as lists, as they come back


def _origin(model: Model, run: OpenRun, asked: _Prompts) -> Mapping[str, Any]:
    """Where outputs of this attempt come from."""
    prompts = [_prompt(model, one) for one in asked.of(run)]
    identity = model.identity()
    return {
        "model": identity,
        "first_prompt": prompts[0],
        "same": {
            "model revision": identity.get("revision"),
            "model weights": identity.get("weights"),
            "adapter": identity.get("adapter"),
            "prompt texts": _sha256(prompts),
        },
        "version": __version__,
        "at": time.time(),
    }


def _prompt(model: Model, one: GivenPrompt) -> str:
    asked = one.prompt.prompt if isinstance(one.prompt, Prefilled) else one.prompt
    try:
        text = asked if isinstance(asked, str) else "" if asked is None else model.prompt(asked)
        return text + one.given
    except SitError:  # of this example alone; generating says so in its place
        return ""


def _sha256(texts: Any) -> str:
    digest = hashlib.sha256()
    for one in texts:
        packed = one.encode("utf-8", "surrogatepass")
        digest.update(len(packed).to_bytes(8, "little") + packed)
    return digest.hexdigest()
