"""One question on trial: what would be sent, what comes back, how it is read. Nothing is kept."""

from contextlib import closing
from dataclasses import dataclass

from sit_core.errors import SitError
from sit_core.judge.config import JudgeConfig
from sit_core.judge.question_batches import REFUSED, JudgePrompt, QuestionBatches
from sit_core.models import load_model
from sit_core.models.usage import Usage
from sit_core.records import Example
from sit_core.store import Store
from sit_core.store.judge_replies_writer import QuestionResult


@dataclass(frozen=True, slots=True)
class JudgeTrial:
    """A question, its reply and what was read from it."""

    question: JudgePrompt
    reply: str
    """As it came; untrusted text."""
    answer: QuestionResult
    """With a verdict, a quality or a preference; or with the reason why there is none."""
    usage: Usage


def try_question(store: Store, wanted: JudgeConfig, question: JudgePrompt) -> JudgeTrial:
    """Ask one question of `prompts_of`; neither reply nor verdict is stored.

    Raises:
        UsageError: the options can't work.
        SitError: the model can't be loaded or reached.
    """
    wanted.check(store)
    questions = QuestionBatches(store, wanted)
    usage = Usage()
    with closing(load_model(questions.choice.spec())) as model:
        asked = [Example(question.prompt)]
        _, made = next(iter(model.generate(asked, questions.choice.generation())))
    usage.add(question.prompt, made)
    if made.error is not None:
        raise SitError(f"No reply came: {made.error}")
    reason = REFUSED if made.refused else None
    answer = questions.answer(question, made.text, cut=made.cut, reason=reason)
    return JudgeTrial(question, made.text, answer, usage)
