"""The metrics by name: from predictions to scores. Pure; BERTScore loads an encoder once.

A new metric is a function ``Prediction → Score`` and one line here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sit_core.records import IN_ORDER, Prediction, Unparsed
from sit_core.registry import Registry
from sit_core.scoring.accuracy import accuracy
from sit_core.scoring.bertscore import DEFAULT_ENCODER, bert_score
from sit_core.scoring.following import DONE, RULE_JUDGE, following
from sit_core.scoring.rouge_l import UNICODE, rouge_l
from sit_core.scoring.rules import Ruling
from sit_core.scoring.split import Part, split_output

FINAL = "answer"
_BATCH = 2000

Value = float | Unparsed


@dataclass(frozen=True, slots=True)
class Score:
    """What one metric says of one prediction."""

    prediction_id: str
    metric: str
    value: Value
    """0 to 1, or why there is none."""
    steps: Mapping[str, Value] = field(default_factory=dict)
    """Step key → the step's own value, where the metric has one per step."""
    rulings: Mapping[str, Ruling | Unparsed] = field(default_factory=dict)
    """Of *following*: step key (and ``in_order``) → verdict with its reason."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the metrics can be told."""

    tokenizer: str = UNICODE
    """ROUGE-L's: ``unicode`` or ``rouge_score``."""
    encoder: str = DEFAULT_ENCODER
    """BERTScore's."""
    num_layers: int | None = None
    """BERTScore's, where it is not known for the encoder."""
    device: str | None = None
    progress: Callable[[int, int], None] | None = field(default=None, compare=False)
    """Called by BERTScore with the pairs done and those there are."""

    def how(self, metric: str) -> str:
        """The settings that a metric's values depend on, in short.

        >>> Options().how("rouge-l"), Options(num_layers=5, encoder="e").how("bertscore")
        ('unicode', 'e, layer 5')
        """
        if metric == "rouge-l":
            return self.tokenizer
        if metric == "bertscore":
            layer = "" if self.num_layers is None else f", layer {self.num_layers}"
            return f"{self.encoder}{layer}"
        return RULE_JUDGE if metric == "following" else ""


Metric = Callable[[Sequence[Prediction], Options], Iterable[Score]]
METRICS: Registry[Metric] = Registry("metric")
"""Metric name → from some predictions to their scores, in the same order."""
SHARES = frozenset({"accuracy", "following"})
"""Metrics whose values are 1 or 0, so that their means are shares."""


@METRICS.register("accuracy")
def _accuracy(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    for prediction in predictions:
        yield Score(prediction.id, "accuracy", accuracy(prediction))


@METRICS.register("rouge-l")
def _rouge_l(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    for prediction in predictions:
        steps = {
            key: found if isinstance(found, Unparsed) else rouge_l(*found, options.tokenizer)
            for key, found in step_pairs(prediction).items()
        }
        yield Score(prediction.id, "rouge-l", mean(steps), steps)


@METRICS.register("bertscore")
def _bertscore(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    found = [step_pairs(prediction) for prediction in predictions]
    pairs = [p for steps in found for p in steps.values() if not isinstance(p, Unparsed)]
    values = iter(
        bert_score(
            pairs,
            options.encoder,
            options.num_layers,
            options.device,
            progress=options.progress,
        )
    )
    for prediction, steps in zip(predictions, found, strict=True):
        scored: dict[str, Value] = {
            key: pair if isinstance(pair, Unparsed) else next(values) for key, pair in steps.items()
        }
        yield Score(prediction.id, "bertscore", mean(scored), scored)


@METRICS.register("following")
def _following(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    for prediction in predictions:
        rulings = following(prediction.output, prediction.example)
        steps: dict[str, Value] = {
            key: found if isinstance(found, Unparsed) else float(found.verdict in DONE)
            for key, found in rulings.items()
            if key != IN_ORDER
        }
        yield Score(prediction.id, "following", _all_done(steps), steps, rulings)


def score_predictions(
    predictions: Iterable[Prediction], metrics: Sequence[str], options: Options | None = None
) -> Iterator[Score]:
    """The scores of each prediction by each metric; memory stays flat.

    Raises:
        SitError: a metric is not known, or what it needs is missing.
    """
    options = options or Options()
    chosen = [METRICS.get(name) for name in dict.fromkeys(metrics)]
    rest = iter(predictions)
    while batch := list(islice(rest, _BATCH)):
        for metric in chosen:
            yield from metric(batch, options)


def step_pairs(prediction: Prediction) -> dict[str, tuple[str, str] | Unparsed]:
    """Intermediate step → (the text it should yield, its part of the output), or why not."""
    parts = split_output(prediction.output, prediction.example)
    found: dict[str, tuple[str, str] | Unparsed] = {}
    for step in prediction.example.steps:
        if step.task == FINAL:
            continue
        part = parts[step.key]
        if not step.expected:
            found[step.key] = Unparsed("the text that this step should yield is not known")
        elif isinstance(part, Part):
            found[step.key] = (step.expected, part.text)
        else:
            found[step.key] = part
    return found


def mean(steps: Mapping[str, Value]) -> Value:
    """The mean of the steps' values; one that is missing makes the whole missing.

    >>> mean({"repeat": 1.0, "paraphrase": 0.5})
    0.75
    >>> mean({"repeat": Unparsed("gone"), "paraphrase": 0.5})
    Unparsed(reason='gone')
    >>> mean({})
    Unparsed(reason='there is no intermediate step')
    """
    values: list[float] = []
    for value in steps.values():
        if isinstance(value, Unparsed):
            return value
        values.append(value)
    if not values:
        return Unparsed("there is no intermediate step")
    return sum(values) / len(values)


def _all_done(steps: Mapping[str, Value]) -> Value:
    if not steps:
        return Unparsed("the steps of its instruction are not known")
    missing = [value for value in steps.values() if isinstance(value, Unparsed)]
    return missing[0] if missing else float(all(steps.values()))
