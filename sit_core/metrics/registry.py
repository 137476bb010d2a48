"""The metrics by name: from predictions to scores. Pure; BERTScore loads an encoder once.

A new metric is a function from predictions to `Score` under `Metric`, here or in a plugin (group
``sit.metrics``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sit_core import __version__
from sit_core.errors import SitError
from sit_core.metrics.accuracy import NO_GOLD, accuracy, answer_of, gold_answers
from sit_core.metrics.bertscore import DEFAULT_ENCODER, bert_score
from sit_core.metrics.following import (
    DONE,
    RULE_JUDGE,
    WITH_ENCODER,
    following,
    sentences_to_encode,
)
from sit_core.metrics.generated_part import generated_part
from sit_core.metrics.rouge_l import UNICODE, rouge_l
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.script_words import HOW as ALL_SCRIPTS_HOW
from sit_core.metrics.segment import OutputSegment, split_output
from sit_core.metrics.sentence_encoder import encoder_name, sentence_encoder
from sit_core.metrics.squad import ALL_SCRIPTS, contains, exact_match, f1
from sit_core.metrics.text_limits import bounded
from sit_core.metrics.translation_encoder import TextEncoder
from sit_core.metrics.verifiable import (
    LOOSE,
    NO_CONSTRAINT,
    STRICT,
    judge_name,
    of_form,
    verdicts,
)
from sit_core.plugins import PluginError, error_text
from sit_core.records import IN_ORDER, Prediction, Unparsed
from sit_core.registry import Registry

SCORED_BY = f"{__version__}, scores 3"
"""Stands with each stored score. Its last number is raised whenever some output's value may change:
scores of before are then named as such until they are made anew."""
FINAL = "answer"
_BATCH = 2000
_ENCODED = 32
"""Outputs whose sentences are encoded together."""

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
    rulings: Mapping[str, RuleVerdict | Unparsed] = field(default_factory=dict)
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

    sentence_encoder: str = ""
    """Of *following*: hub id or folder; empty: none is asked."""
    words: str = ""
    """How exact match, F1 and contains-gold cut texts into words: ``all-scripts``, else as
    SQuAD's and MLQA's scripts do."""

    def how(self, metric: str) -> str:
        """The settings that a metric's values depend on, in short.

        Of *following* they are also the name under which its verdicts are kept.

        Raises:
            SitError: the sentence encoder is neither here nor to be fetched.

        >>> Options().how("rouge-l"), Options(num_layers=5, encoder="e").how("bertscore")
        ('unicode', 'e, layer 5')
        """
        if metric == "rouge-l":
            return self.tokenizer
        if metric == "bertscore":
            layer = "" if self.num_layers is None else f", layer {self.num_layers}"
            return f"{self.encoder}{layer}"
        if metric in OF_WORDS:
            return ALL_SCRIPTS_HOW if self.words == ALL_SCRIPTS else ""
        if metric in VERIFIABLE:
            return judge_name(VERIFIABLE[metric])
        if metric != "following":
            return ""
        encoder = self.sentence_encoder and encoder_name(self.sentence_encoder)
        return f"{RULE_JUDGE}{WITH_ENCODER}{encoder}" if encoder else RULE_JUDGE


Scoring = Callable[[Sequence[Prediction], Options], Iterable[Score]]
"""From some predictions to their scores, in the same order."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric, and what its values are."""

    score: Scoring
    share: bool = False
    """Whether each value is 1 or 0, so that a mean is a share and has a share's interval."""
    what: str = ""
    """One line for people."""

    def __call__(self, predictions: Sequence[Prediction], options: Options) -> Iterable[Score]:
        """The scores of some predictions, in the same order."""
        return self.score(predictions, options)


def _of_plugin(name: str, thing: Any) -> Metric:
    """A plugin's metric: a function whose values are seen to be what every table takes them for."""
    if "/" in name or not name.strip() or not name.isprintable() or name != name.lower():
        raise PluginError("its name is of small letters, digits and signs, without a slash")
    metric = thing if isinstance(thing, Metric) else Metric(thing)
    if not callable(metric.score):
        raise PluginError(f"it is a {type(thing).__name__}, neither a Metric nor a function")

    def scored(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
        try:
            found = list(metric.score(predictions, options))
        except SitError:
            raise
        except Exception as error:
            raise SitError(f"The metric {name!r} failed: {error_text(error)}.") from error
        fault = _fault_of_scores(name, predictions, found, metric.share)
        if fault:
            raise SitError(f"The metric {name!r} can't be used: {fault}.")
        yield from found

    return replace(metric, score=scored)


def _fault_of_scores(
    name: str, predictions: Sequence[Prediction], found: Sequence[Any], share: bool
) -> str:
    """What is wrong with a plugin's scores; empty: nothing."""
    if [getattr(s, "prediction_id", None) for s in found] != [p.id for p in predictions]:
        return "it has to give one Score for each prediction, in their order"
    for score in found:
        if score.metric != name:
            return f"its scores are called {score.metric!r}"
        for value in (score.value, *score.steps.values()):
            if isinstance(value, Unparsed):
                continue
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                return f"a value is {value!r}, but values are numbers from 0 to 1"
            if share and value not in (0, 1):
                return f"a value is {value!r}, but it says that its values are 0 or 1"
    return ""


METRICS: Registry[Scoring] = Registry("metric", "sit.metrics", _of_plugin)
"""Metric name → from some predictions to their scores, in the same order."""
OF_WORDS = frozenset({"exact-match", "f1", "contains-gold"})
"""Metrics that compare the words of golds."""
VERIFIABLE = {"verifiable": STRICT, "verifiable-loose": LOOSE}
"""Metric → how strictly the constraints are checked."""
SHARES = frozenset({"accuracy", "exact-match", "contains-gold", "following", *VERIFIABLE})
"""Metrics of the program whose values are 1 or 0, so that their means are shares."""


def is_share(metric: str) -> bool:
    """Whether a metric's values are 1 or 0, so that its mean is a share.

    >>> is_share("accuracy"), is_share("rouge-l"), is_share("of a plugin that is gone")
    (True, False, False)
    """
    if metric in SHARES or metric not in METRICS:
        return metric in SHARES
    found = METRICS.get(metric)
    return isinstance(found, Metric) and found.share


OF_ANSWERS = frozenset({"accuracy", "exact-match", "f1"})
"""Metrics of the final answer; the others are of parts of an output."""
GOLD = "gold-"
"""Before the language of a gold in `Example.meta` (``golds``: language → texts): the step's key
under which exact match and F1 stand that are counted against that language's golds alone."""


def name_of_answered(metric: str) -> str:
    """What the mean of the outputs that have a value is called, beside the mean over all.

    >>> name_of_answered("accuracy"), name_of_answered("rouge-l")
    ('accuracy of answered', 'rouge-l of present')
    """
    return f"{metric} of {'answered' if metric in OF_ANSWERS else 'present'}"


@METRICS.register("accuracy")
def _accuracy(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    for prediction in predictions:
        yield Score(prediction.id, "accuracy", accuracy(prediction))


@METRICS.register("exact-match")
def _exact_match(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    for prediction in predictions:
        yield _of_free_text(prediction, "exact-match", exact_match, options)


@METRICS.register("f1")
def _f1(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    for prediction in predictions:
        yield _of_free_text(prediction, "f1", f1, options)


@METRICS.register("contains-gold")
def _contains_gold(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    """Of the whole output: long ones contain more, so no answer has to be picked out."""
    for prediction in predictions:
        yield _of_free_text(prediction, "contains-gold", contains, options)


def _of_free_text(
    prediction: Prediction,
    metric: str,
    compare: Callable[[str, list[str], str | None, str], float],
    options: Options,
) -> Score:
    """The final answer (or the whole output) against the golds, and those of each language."""
    example = prediction.example
    golds = {"": (gold_answers(example), example.language)}
    several = example.meta.get("golds")
    for language, texts in several.items() if isinstance(several, Mapping) else ():
        of_one = [texts] if isinstance(texts, str) else texts
        kept = [t for t in of_one if isinstance(t, str)] if isinstance(of_one, list) else []
        golds[f"{GOLD}{language}"[:60]] = (kept, str(language))
    found: str | Unparsed = bounded(prediction.output).text
    if metric in OF_ANSWERS:
        answer = answer_of(prediction)
        found = answer if isinstance(answer, Unparsed) else answer.text
    values: dict[str, Value] = {
        key: NO_GOLD
        if not texts
        else found
        if isinstance(found, Unparsed)
        else compare(found, texts, language, options.words)
        for key, (texts, language) in golds.items()
    }
    return Score(prediction.id, metric, values.pop(""), values)


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
def _following(predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    for prediction, encoder in _with_encoder(predictions, options.sentence_encoder):
        rulings = following(prediction.output, prediction.example, encoder)
        steps: dict[str, Value] = {
            key: found if isinstance(found, Unparsed) else float(found.verdict in DONE)
            for key, found in rulings.items()
            if key != IN_ORDER
        }
        # What no rule can tell is neither done nor not: no rate has it.
        told = {
            k: replace(v, counted=None) if isinstance(v, Unparsed) else v for k, v in steps.items()
        }
        yield Score(prediction.id, "following", _all_done(told), told, rulings)


@METRICS.register("verifiable")
def _verifiable(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    return _of_constraints(predictions, "verifiable")


@METRICS.register("verifiable-loose")
def _verifiable_loose(predictions: Sequence[Prediction], _options: Options) -> Iterator[Score]:
    return _of_constraints(predictions, "verifiable-loose")


def _of_constraints(predictions: Sequence[Prediction], metric: str) -> Iterator[Score]:
    """Of the whole output: whether all constraints are followed; unknown where one is unknown."""
    for prediction in predictions:
        rulings = dict(of_form(verdicts(prediction.output, prediction.example), VERIFIABLE[metric]))
        steps: dict[str, Value] = {
            key: float(ruling.verdict in DONE) if isinstance(ruling, RuleVerdict) else ruling
            for key, ruling in rulings.items()
        }
        unknown = next((value for value in steps.values() if isinstance(value, Unparsed)), None)
        whole: Value = NO_CONSTRAINT
        if steps:
            whole = float(0.0 not in steps.values()) if unknown is None else unknown
        yield Score(prediction.id, metric, whole, steps, rulings)


def _with_encoder(
    predictions: Sequence[Prediction], name: str
) -> Iterator[tuple[Prediction, TextEncoder | None]]:
    """Each prediction with the encoder, where one is named and needed; encoded many at once."""
    for start in range(0, len(predictions), _ENCODED):
        batch = predictions[start : start + _ENCODED]
        texts = [t for p in batch if name for t in sentences_to_encode(p.output, p.example)]
        encoder = sentence_encoder(name) if texts else None
        if encoder is not None:
            encoder.vectors(texts)  # which are kept
        yield from ((prediction, encoder) for prediction in batch)


def scores_of(metric: str, predictions: Sequence[Prediction], options: Options) -> Iterator[Score]:
    """The scores of some predictions by one metric: of what the model wrote, no given beginning.

    Raises:
        SitError: the metric is not known, or what it needs is missing.
    """
    yield from METRICS.get(metric)([generated_part(one) for one in predictions], options)


def score_predictions(
    predictions: Iterable[Prediction], metrics: Sequence[str], options: Options | None = None
) -> Iterator[Score]:
    """The scores of each prediction by each metric; memory stays flat.

    Raises:
        SitError: a metric is not known, or what it needs is missing.
    """
    options = options or Options()
    chosen = list(dict.fromkeys(metrics))
    for name in chosen:
        METRICS.get(name)  # all are known before the first is scored
    rest = iter(predictions)
    while batch := list(islice(rest, _BATCH)):
        for metric in chosen:
            yield from scores_of(metric, batch, options)


def step_pairs(prediction: Prediction) -> dict[str, tuple[str, str] | Unparsed]:
    """Intermediate step → (the text it should yield, its part of the output), or why not."""
    parts = split_output(prediction.output, prediction.example)
    found: dict[str, tuple[str, str] | Unparsed] = {}
    for step in prediction.example.steps:
        if step.task == FINAL:
            continue
        part = parts[step.key]
        if not step.expected:
            found[step.key] = Unparsed(
                "the text that this step should yield is not known", counted=None
            )
        elif isinstance(part, OutputSegment):
            found[step.key] = (step.expected, part.text)
        else:
            found[step.key] = part
    return found


def mean(steps: Mapping[str, Value]) -> Value:
    """The mean of the steps' values; one that is missing makes the whole missing.

    In a mean over all outputs it then counts with the missing steps as 0.

    >>> mean({"repeat": 1.0, "paraphrase": 0.5})
    0.75
    >>> found = mean({"repeat": Unparsed("gone"), "paraphrase": 0.5})
    >>> found, found.counted
    (Unparsed(reason='gone'), 0.25)
    >>> mean({})
    Unparsed(reason='there is no intermediate step')
    """
    if not steps:
        return Unparsed("there is no intermediate step", counted=None)
    missing = [value for value in steps.values() if isinstance(value, Unparsed)]
    left_out = [value for value in missing if value.counted is None]
    if left_out:
        return left_out[0]
    all_ = [v.counted or 0.0 if isinstance(v, Unparsed) else v for v in steps.values()]
    whole = sum(all_) / len(all_)
    return replace(missing[0], counted=whole) if missing else whole


def _all_done(steps: Mapping[str, Value]) -> Value:
    if not steps:
        return Unparsed("the steps of its instruction are not known", counted=None)
    missing = [value for value in steps.values() if isinstance(value, Unparsed)]
    return missing[0] if missing else float(all(steps.values()))
