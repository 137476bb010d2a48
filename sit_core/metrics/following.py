"""Rule-based following: an estimate, per step, of what people would judge.

The verdicts are those of the rules in `sit_core.metrics.rules`; wherever they are shown they are
called an estimate, beside their agreement with people where people have judged too.
"""

from dataclasses import replace

from sit_core.metrics.answers import answered_text, answers_before
from sit_core.metrics.input_choices import asked
from sit_core.metrics.language import target_language
from sit_core.metrics.rules import RULES, RuleInput, RuleVerdict
from sit_core.metrics.segment import OutputSegment, Parts, split_output
from sit_core.metrics.text_limits import bounded
from sit_core.metrics.translation_encoder import TextEncoder
from sit_core.metrics.translation_signs import to_encode
from sit_core.plugins import error_text, report_fault
from sit_core.records import IN_ORDER, Example, Unparsed, Verdict
from sit_core.tasks.task import TASKS

RULE_JUDGE = "rules-4"
"""The name under which these verdicts are stored; a new number whenever the rules change."""
RULES_WITHOUT_TRANSLATION = "rules-3"
"""The first that said the same of all chains without a translation: figures of those that were made
since then need not be made anew. (The fourth read answers to choices that were translated.)"""
WITH_ENCODER = ", encoder "
"""Between it and a sentence encoder's name, where verdicts are kept that asked one."""

Following = dict[str, RuleVerdict | Unparsed]
"""Step key (and, for chains, `IN_ORDER`) → the ruling, or why there is none."""
DONE = (Verdict.YES, Verdict.PARTLY)


def following(output: str, example: Example, encoder: TextEncoder | None = None) -> Following:
    r"""Which steps of its chain an output follows; total and pure.

    Args:
        output: what the model wrote.
        example: what it was asked.
        encoder: of sentences, for translations whose expected text is not known.

    >>> from sit_core.records import Step, chain
    >>> q = "Question: Where do bees live?\nChoices: A:hive, B:sea, C:bank"
    >>> e = Example("…", q, steps=chain([Step("repeat", "R"), Step("answer", "A")]))
    >>> {k: r.verdict.value for k, r in following(q + "\nAnswer: A", e).items()}
    {'repeat': 'yes', 'answer': 'yes', 'in_order': 'yes'}
    >>> following("Bees live in a hive.", e)["answer"]
    RuleVerdict(verdict=<Verdict.YES: 'yes'>, reason='it answers A')
    >>> following("", Example("Sing!"))
    {}
    """
    if not example.steps:
        return {}
    read = bounded(output)
    output, example = read.text, _bounded_example(example)
    parts = split_output(output, example)
    found: Following = {}
    for step in example.steps:
        case = RuleInput(output, example, step, parts[step.key], encoder)
        found[step.key] = _ruling(case)
    if len(example.steps) > 1 and all(isinstance(ruling, RuleVerdict) for ruling in found.values()):
        found[IN_ORDER] = _in_order(found, list(parts.items()))
        if _answers_first(output, example, parts, found):
            found[IN_ORDER] = RuleVerdict(Verdict.NO, "an answer comes before the other steps")
    if read.left_out:
        return {key: _of_a_part(ruling, read.left_out) for key, ruling in found.items()}
    return found


def _ruling(case: RuleInput) -> RuleVerdict | Unparsed:
    """The verdict of the step's rule: ours, or the one that a plugin's task brings."""
    name = case.step.task
    if name in RULES:
        return RULES.get(name)(case)
    rule = TASKS.get(name).judged_by if name in TASKS else None
    if rule is None:
        return Unparsed(f"there is no rule for the step {name!r}")
    try:
        verdict = rule(case)
    except Exception as error:  # noqa: BLE001 - a plugin's fault is no verdict, and stops no other
        fault = error_text(error)
        report_fault("sit.tasks", name, f"its automatic verdict ended with {fault}")
        return Unparsed(f"the rule for the step {name!r} failed ({fault})")
    if not isinstance(verdict, RuleVerdict):
        return Unparsed(f"the rule for the step {name!r} gave no verdict")
    return verdict


def sentences_to_encode(output: str, example: Example) -> list[str]:
    """What `following` will ask an encoder about this output; empty where it asks none."""
    output, example = bounded(output).text, _bounded_example(example)
    return [
        text
        for step in example.steps
        if step.task == "translate" and not step.expected and output.strip()
        for text in to_encode(output, example.input, target_language(example, step))
    ]


def _bounded_example(example: Example) -> Example:
    steps = tuple(
        replace(step, expected=bounded(step.expected).text) if step.expected else step
        for step in example.steps
    )
    instruction = bounded(example.instruction).text
    return replace(example, instruction=instruction, input=bounded(example.input).text, steps=steps)


def _of_a_part(ruling: RuleVerdict | Unparsed, left_out: int) -> RuleVerdict | Unparsed:
    """What was not found in a part of the output may stand in the rest."""
    if isinstance(ruling, Unparsed) or ruling.verdict == Verdict.YES:
        return ruling
    what = f"{ruling.reason}; but {left_out:,} characters in the middle were not read"
    return RuleVerdict(Verdict.UNSURE, what)


def _answers_first(output: str, example: Example, parts: Parts, found: Following) -> bool:
    """Whether an answer stands before all else, though another one may come at the end."""
    done = [
        (part.start, step.task)
        for step in example.steps
        if isinstance(part := parts[step.key], OutputSegment)
        and isinstance(ruling := found[step.key], RuleVerdict)
        and ruling.verdict in DONE
    ]
    others = [start for start, task in done if task != "answer"]
    if not others or len(others) == len(done) or example.steps[0].task == "answer":
        return False
    question = asked(answered_text(output, example, example.input))
    return answers_before(output, question, min(others))


def _in_order(found: Following, parts: list[tuple[str, OutputSegment | Unparsed]]) -> RuleVerdict:
    starts = [
        part.start
        for key, part in parts
        if isinstance(part, OutputSegment)
        and isinstance(ruling := found[key], RuleVerdict)
        and ruling.verdict in DONE
    ]
    if len(starts) < 2:
        return RuleVerdict(Verdict.UNSURE, "fewer than two steps were done")
    if starts == sorted(starts):
        return RuleVerdict(Verdict.YES, "the parts come in the order asked")
    return RuleVerdict(Verdict.NO, "a later step comes before an earlier one")
