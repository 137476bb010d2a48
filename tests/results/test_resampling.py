"""Bootstrap intervals of many systems at once, against one system at a time and a plain loop."""

import numpy as np
import pytest

from sit_core.results.intervals import bootstrap_mean
from sit_core.results.resampling import Measure, intervals

HOW = {"seed": 5, "resamples": 300, "level": 0.95}


def some(systems: int, prompts: int, seed: int = 0) -> tuple[Measure, np.ndarray]:
    """Values with holes, up to two per prompt; and which prompts were asked."""
    draw = np.random.default_rng(seed)
    asked = draw.random((systems, prompts)) < 0.9
    counts = np.where(asked, draw.integers(0, 3, (systems, prompts)), 0)
    sums = np.where(counts > 0, counts * draw.uniform(1, 5, (systems, prompts)), 0.0)
    return Measure(sums, counts.astype(float)), asked


def test_it_is_the_interval_of_each_system_alone() -> None:
    measure, asked = some(4, 60)
    counts = np.where(asked, 1.0, 0.0)
    full = Measure(np.where(asked, measure.sums, 0.0), counts)
    found = intervals({"m": full}, asked, **HOW)["m"]
    for system in range(4):
        mine = asked[system]
        alone = bootstrap_mean(
            full.sums[system][mine].tolist(),
            [1] * int(mine.sum()),
            seed=HOW["seed"],
            resamples=HOW["resamples"],
        )
        assert found[system].tolist() == pytest.approx(alone)


def test_prompts_without_a_value_are_drawn_and_add_nothing() -> None:
    measure, asked = some(3, 40, seed=1)
    found = intervals({"m": measure}, asked, **HOW)["m"]
    for system in range(3):
        prompts = np.flatnonzero(asked[system])
        draw = np.random.default_rng(HOW["seed"])
        size = (HOW["resamples"], len(prompts))
        means = []
        for chosen in draw.integers(0, len(prompts), size=size, dtype=np.int32).tolist():
            total = sum(measure.sums[system, prompts[i]] for i in chosen)
            n = sum(measure.counts[system, prompts[i]] for i in chosen)
            means.append(total / n)
        assert found[system].tolist() == pytest.approx(np.quantile(means, [0.025, 0.975]).tolist())


def test_a_system_alone_has_the_interval_that_it_has_among_others() -> None:
    measure, asked = some(5, 50, seed=2)
    together = intervals({"m": measure}, asked, **HOW)["m"]
    alone = Measure(measure.sums[2:3], measure.counts[2:3])
    assert intervals({"m": alone}, asked[2:3], **HOW)["m"][0].tolist() == together[2].tolist()


def test_what_says_nothing_of_how_it_varies_has_none() -> None:
    sums = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
    counts = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    found = intervals({"m": Measure(sums, counts)}, np.ones((3, 3), bool), **HOW)["m"]
    assert np.isnan(found[:2]).all()
    assert not np.isnan(found[2]).any()
    assert np.isnan(Measure(sums, counts).means()[1])
