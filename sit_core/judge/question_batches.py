"""From outputs to questions: the prompts, by what their replies are kept, and what they say."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

from sit_core import __version__
from sit_core.judge.config import JudgeConfig
from sit_core.judge.folder import Judge
from sit_core.judge.judge_types import JudgeInput, JudgeQuestion, ParsedReply
from sit_core.judge.prompting import prompt_of
from sit_core.metrics.generated_part import given_characters, given_steps, given_to
from sit_core.metrics.refusal import refuses
from sit_core.models.config import ModelConfig
from sit_core.models.identity import identity_of, shown_model
from sit_core.records import Prediction, Unparsed
from sit_core.store import Store
from sit_core.store.judge_inputs import ChosenOutputs, JudgedOutput, choose_outputs, read_chosen
from sit_core.store.judge_replies_writer import KeptReply, QuestionResult, kept_replies
from sit_core.thoughts import split_thoughts

CASES = 500
"""Outputs looked at together."""
REFUSED = "the judge refused"
BEGINNING = 120
"""Characters of a reply in which a refusal stands; further on it may be about the output."""
_MAX_NAME = 60
_EQUAL = "both outputs are the same text"


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """One question with its prompt."""

    case: JudgeInput
    ask: JudgeQuestion
    text: str
    """The judge's."""
    key: str
    """What its reply is kept by: all that the reply depends on."""
    prompt_sha256: str
    """Of what is sent."""

    @property
    def prompt(self) -> str:
        """What is sent; made anew each time, because many questions wait at once."""
        return prompt_of(self.text, self.ask)


@dataclass(frozen=True, slots=True)
class QuestionBatch:
    """The questions about some outputs."""

    kept: Sequence[tuple[JudgePrompt, KeptReply]]
    """Those that have a reply already."""
    open: Sequence[JudgePrompt]
    settled: Sequence[QuestionResult]
    """What needs no judge: two outputs that are the same text."""
    without: Mapping[str, int]
    """Why nothing can be asked about others → how many outputs."""
    outputs: int


def judge_name(judge: Judge, choice: ModelConfig) -> str:
    """What the judge is called in the store: another prompt, setting or model is another judge."""
    model = shown_model(choice.model)
    if choice.adapter:
        model += f" + {shown_model(choice.adapter)}"
    return f"{judge.name[:_MAX_NAME]} · {model[:110]} · {judge.sha256[:6]}"


class QuestionBatches:
    """All that a judge is to be asked, a group at a time."""

    def __init__(self, store: Store, wanted: JudgeConfig) -> None:
        """Choose the outputs.

        Raises:
            SitError: the judge or the study is not there.
        """
        self.store, self.wanted = store, wanted
        self.judge = wanted.chosen()
        self.choice = wanted.model_of(self.judge)
        self.name = judge_name(self.judge, self.choice)
        self.chosen: ChosenOutputs = choose_outputs(
            store,
            wanted.runs,
            study=wanted.study,
            against=wanted.against if self.judge.kind.compares else None,
            limit=wanted.limit,
            seed=wanted.seed,
        )

    @property
    def outputs(self) -> int:
        """How many outputs are meant."""
        return len(self.chosen.ids)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Of the model.

        Raises:
            SitError: the model is not there.
        """
        return identity_of(self.choice)

    def groups(self) -> Iterator[QuestionBatch]:
        """What is to be asked, and what has a reply, in the order of the outputs."""
        cases = self.cases()
        while some := list(islice(cases, CASES)):
            yield self._group(some)

    def cases(self) -> Iterator[JudgeInput]:
        """The outputs as the judge's kind wants them."""
        for found in read_chosen(self.store, self.chosen):
            yield _input_of(found)

    def _group(self, cases: Sequence[JudgeInput]) -> QuestionBatch:
        questions: list[JudgePrompt] = []
        settled: list[QuestionResult] = []
        without: dict[str, int] = {}
        for case in cases:
            asks = self.judge.kind.asks(case, self.judge.settings)
            if isinstance(asks, Unparsed):
                without[asks.reason] = without.get(asks.reason, 0) + 1
            elif case.against is not None and case.output == case.against:
                settled += [self._tie(case, ask) for ask in asks]
            else:
                questions += [self._question(case, ask) for ask in asks]
        kept = kept_replies(self.store, [question.key for question in questions])
        kept = {q.key: kept[q.key] for q in questions if q.key in kept and self._holds(q, kept)}
        return QuestionBatch(
            [(q, kept[q.key]) for q in questions if q.key in kept],
            [q for q in questions if q.key not in kept],
            settled,
            without,
            len(cases),
        )

    def _holds(self, question: JudgePrompt, kept: Mapping[str, KeptReply]) -> bool:
        """Whether a kept reply is one; before outcomes were kept, failed calls were kept, too.

        What an endpoint said then, was not cut, and holds no verdict, is asked once more.
        """
        reply = kept[question.key]
        known = "outcome" in reply.provenance or reply.provenance.get("cut")
        if known or self.choice.backend != "openai":
            return True
        return self.answer(question, reply.reply).reason is None

    def _question(self, case: JudgeInput, ask: JudgeQuestion) -> JudgePrompt:
        ask = _with_given(case, ask)
        prompt = _sha256(prompt_of(self.judge.prompt, ask))
        parts = {
            "prompt": prompt,
            "output": _sha256(case.output),
            "against": None if case.against is None else _sha256(case.against),
            "model": self.identity,
        }
        key = _sha256(json.dumps(parts, sort_keys=True))
        return JudgePrompt(case, ask, self.judge.prompt, key, prompt)

    def _tie(self, case: JudgeInput, ask: JudgeQuestion) -> QuestionResult:
        provenance = {**self._origin, "settled": _EQUAL}
        return QuestionResult(
            case.prediction_id,
            ask.step,
            provenance=provenance,
            against_id=case.against_id,
            place=ask.place,
            preferred=0.5,
        )

    def answer(
        self, question: JudgePrompt, reply: str, *, cut: bool = False, reason: str | None = None
    ) -> QuestionResult:
        """What came of a question: what its reply says, or why it says nothing.

        Args:
            question: the question.
            reply: as it came.
            cut: whether the limit of tokens ended it.
            reason: why there is no verdict, where that is known without reading it.
        """
        said: ParsedReply | Unparsed
        if reason is not None:
            said = Unparsed(reason)
        else:
            # Replies that were kept before thoughts were told apart may hold some.
            text = split_thoughts(reply).text
            said = self.judge.kind.read(text, cut, self.judge.settings)
            if isinstance(said, Unparsed) and refuses(text[:BEGINNING]):
                said = Unparsed(REFUSED)
        case, ask = question.case, question.ask
        good = None if isinstance(said, Unparsed) else said
        preferred = None
        if good is not None and good.better is not None:
            preferred = 0.5 if good.better == 0 else float(good.better == ask.place)
        return QuestionResult(
            case.prediction_id,
            ask.step,
            verdict=good.verdict if good else None,
            quality=good.quality if good else None,
            reason=said.reason if isinstance(said, Unparsed) else None,
            reply=reply,
            provenance={**self._origin, "key": question.key, "prompt": question.prompt_sha256},
            against_id=case.against_id if self.judge.kind.compares else None,
            place=ask.place,
            preferred=preferred,
        )

    @cached_property
    def _origin(self) -> dict[str, Any]:
        """Where verdicts come from; the model's whole identity is kept with each reply."""
        return {
            "judge": self.judge.name,
            "judge_sha256": self.judge.sha256,
            "prompt_sha256": self.judge.prompt_sha256,
            "model": shown_model(self.choice.model),
            "version": __version__,
        }


def _input_of(found: JudgedOutput) -> JudgeInput:
    """An output as it was asked for: steps that were not asked are none of its chain."""
    made = Prediction(found.run, found.example, found.output, meta=found.meta)
    other = Prediction("", found.example, found.against or "", meta=found.against_meta)
    given, left = given_to(made), given_steps(made)
    example, steps = found.example, found.steps
    if isinstance(alone := given.get("instruction"), str):  # the last step alone was asked
        example = replace(example, instruction=alone)
        steps, left = tuple(step for step in steps if step.key not in left), frozenset()
    return JudgeInput(
        found.id,
        found.run,
        example,
        found.output,
        steps,
        found.against_id,
        found.against,
        given=found.output[: given_characters(made)],
        against_given=(found.against or "")[: given_characters(other)],
        given_steps=left,
    )


def _with_given(case: JudgeInput, ask: JudgeQuestion) -> JudgeQuestion:
    """The same, saying which of its texts begin with what the model was given."""
    given = {
        name: begun
        for whole, begun in ((case.output, case.given), (case.against, case.against_given))
        for name, text in ask.texts.items()
        if begun and text == whole and name not in ("instruction", "input", "step")
    }
    return replace(ask, given=given) if given else ask


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
