"""The metrics by name: each prediction gets a value or a reason from each."""

import pytest

from sit_core.errors import SitError
from sit_core.metrics import registry as metrics
from sit_core.metrics.registry import METRICS, OF_ANSWERS, Options, Score, score_predictions
from sit_core.metrics.rules import RuleVerdict
from sit_core.records import Example, Prediction, Unparsed, Verdict
from sit_core.sources.expected_search import with_expected
from sit_core.tasks import steps_named

Q = "Question: Where do bees carry nectar?\nChoices: A:flower, B:hive, C:sea, D:bank, E:town"


def prediction(output: str, tasks: str = "repeat,answer", gold: str | None = "B") -> Prediction:
    example = Example("…", Q, reference=gold)
    steps = with_expected(steps_named(tasks.split(",")), example)
    assert not isinstance(steps, Unparsed)
    return Prediction("run", Example("…", Q, steps=steps, reference=gold), output)


def test_there_are_these_metrics() -> None:
    of_answers = ["accuracy", "exact-match", "f1"]
    assert list(METRICS) == [
        *of_answers,
        "contains-gold",
        "rouge-l",
        "bertscore",
        "following",
        "verifiable",
        "verifiable-loose",
    ]
    assert set(of_answers) == OF_ANSWERS


def test_each_prediction_is_scored_by_each_metric() -> None:
    made = [prediction(f"{Q}\nAnswer: B"), prediction("C"), prediction("")]
    found = list(score_predictions(iter(made), ["accuracy", "rouge-l", "following"]))
    assert [s.metric for s in found] == ["accuracy"] * 3 + ["rouge-l"] * 3 + ["following"] * 3
    assert [s.prediction_id for s in found] == [p.id for p in made] * 3
    values = [s.value for s in found]
    assert values[:3] == [1.0, 0.0, Unparsed("the output is empty")]
    assert values[3] == 1.0
    assert values[4:6] == [
        Unparsed("the input is not repeated"),
        Unparsed("the output is empty"),
    ]
    assert values[6:] == [1.0, 0.0, 0.0]
    assert found[7].steps == {"repeat": 0.0, "answer": 1.0}
    ruling = found[7].rulings["in_order"]
    assert isinstance(ruling, RuleVerdict)
    assert ruling.verdict == Verdict.UNSURE


def test_what_can_not_be_scored_says_why() -> None:
    plain = Prediction("run", Example("Sing!"), "La la")
    found = {
        s.metric: s.value for s in score_predictions([plain], ["accuracy", "rouge-l", "following"])
    }
    assert found == {
        "accuracy": Unparsed("no gold answer"),
        "rouge-l": Unparsed("there is no intermediate step"),
        "following": Unparsed("the steps of its instruction are not known"),
    }
    (score,) = score_predictions([prediction("x\nB", "paraphrase,answer")], ["rouge-l"])
    assert score.value == Unparsed("the text that this step should yield is not known")


def test_bertscore_asks_for_all_parts_at_once(monkeypatch) -> None:
    asked = []

    def fake(pairs, *args, progress=None):
        asked.append(list(pairs))
        return [0.5] * len(pairs)

    monkeypatch.setattr(metrics, "bert_score", fake)
    made = [prediction("B"), prediction(f"{Q}\nB"), prediction(f"{Q}\nC")]
    found = list(score_predictions(made, ["bertscore"]))
    assert len(asked) == 1
    assert len(asked[0]) == 2
    assert [s.value for s in found] == [Unparsed("the input is not repeated"), 0.5, 0.5]


def test_the_tokenizer_is_the_users_choice() -> None:
    (default,) = score_predictions([prediction(Q)], ["rouge-l"])
    (latin,) = score_predictions([prediction(Q)], ["rouge-l"], Options(tokenizer="rouge_score"))
    assert isinstance(default, Score)
    assert default.value == latin.value
    with pytest.raises(SitError, match="tokenizer"):
        list(score_predictions([prediction(Q)], ["rouge-l"], Options(tokenizer="x")))


def test_an_unknown_metric_is_said_before_anything_is_scored() -> None:
    with pytest.raises(SitError, match="did you mean 'rouge-l'"):
        next(score_predictions([prediction(Q)], ["accuracy", "rouge"]))
