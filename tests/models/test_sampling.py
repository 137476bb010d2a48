"""Tokens are drawn as the settings say, by rng of each row's own."""

from collections import Counter

import pytest

from sit_core.models import GenerationSettings
from sit_core.models.local.sampling import choose, rng_for

CHANCES = [0.5, 0.25, 0.15, 0.1]


def drawn(settings: GenerationSettings, times: int = 2000) -> Counter[int]:
    torch = pytest.importorskip("torch")
    logits = torch.tensor(CHANCES).log().repeat(times, 1)
    return Counter(choose(logits, settings, [rng_for(settings.seed, [i]) for i in range(times)]))


def test_at_temperature_0_the_likeliest_is_taken() -> None:
    assert drawn(GenerationSettings()) == {0: 2000}


def test_tokens_come_as_often_as_they_are_likely() -> None:
    counts = drawn(GenerationSettings(temperature=1.0, seed=1), 5000)
    assert all(abs(counts[i] / 5000 - chance) < 0.03 for i, chance in enumerate(CHANCES))


def test_temperature_sharpens_and_flattens() -> None:
    sharp, flat = (drawn(GenerationSettings(temperature=t, seed=1))[0] for t in (0.5, 4.0))
    assert abs(sharp / 2000 - 0.25 / sum(c**2 for c in CHANCES)) < 0.05
    assert abs(flat / 2000 - 0.5**0.25 / sum(c**0.25 for c in CHANCES)) < 0.05


def test_top_k_and_top_p_leave_the_rest_out() -> None:
    assert set(drawn(GenerationSettings(temperature=1.0, top_k=2))) == {0, 1}
    assert set(drawn(GenerationSettings(temperature=1.0, top_p=0.6))) == {0, 1}
    assert set(drawn(GenerationSettings(temperature=1.0, top_p=0.4))) == {0}
    assert set(drawn(GenerationSettings(temperature=1.0, top_p=0.95, top_k=3))) == {0, 1, 2}


def test_dice_depend_on_seed_and_prompt_alone() -> None:
    throws = [rng_for(*args).random() for args in ((0, [1, 23]), (0, [12, 3]), (1, [1, 23]))]
    assert len(set(throws)) == 3
    assert rng_for(0, [1, 23]).random() == throws[0]
