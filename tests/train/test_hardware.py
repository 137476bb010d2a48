"""What the machine can't do is one sentence; what is left open is decided for it."""

import pytest

from sit_core.errors import SitError
from sit_core.models.local.weights import Weights
from sit_core.train import hardware
from sit_core.train.config import HardwarePart
from sit_core.train.hardware import HardwarePlan, on_local_gpu, plan_for
from sit_core.train.run import one_gpu

SMALL, BIG = (Weights((), n, "F32", ()) for n in (2_000_000, 7_000_000_000))


def plan(
    weights: Weights = SMALL, longest: int = 512, full: bool = False, **more: object
) -> HardwarePlan:
    wanted = HardwarePart(**{"device": "cpu", **more})  # type: ignore[arg-type]
    return plan_for(wanted, weights, longest=longest, full=full)


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cpu_multiplies_halves", lambda torch: True)


@pytest.fixture
def no_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cpu_multiplies_halves", lambda torch: False)


@pytest.mark.usefixtures("halves")
def test_a_cpu_that_multiplies_halves_does() -> None:
    found = plan()
    assert (found.precision, found.weights, found.attention) == ("bfloat16", "float32", "eager")
    assert plan(longest=4096).attention == "sdpa"


@pytest.mark.usefixtures("no_halves")
def test_another_cpu_does_not() -> None:
    assert (plan().precision, plan().attention) == ("float32", "sdpa")
    assert plan(precision="bfloat16").precision == "bfloat16"  # slow, but asked for


def test_what_is_left_open_follows_the_size() -> None:
    assert (plan().threads, plan(BIG).threads) == (1, None)
    assert (plan().gradient_checkpointing, plan(BIG).gradient_checkpointing) == (False, True)
    assert plan(BIG, gradient_checkpointing=False).gradient_checkpointing is False
    assert plan(threads=2, micro_batch_tokens=99).micro_batch_tokens == 99


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"precision": "float16"}, "float16 trains on a CUDA GPU only"),
        ({"attention": "flash_attention_2"}, "needs a CUDA GPU"),
        ({"four_bit": True}, "4 bits need a CUDA GPU"),
    ],
)
def test_what_a_cpu_can_not_do(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SitError, match=said):
        plan(**fields)


def test_a_device_that_is_not_there() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA GPU here")
    with pytest.raises(SitError, match="no device cuda"):
        plan(device="cuda")


def test_each_process_has_a_gpu_of_its_own() -> None:
    asked = HardwarePlan("cuda", "bfloat16", "bfloat16", "sdpa", 1, False, False, None)
    assert on_local_gpu(asked, 3).device == "cuda:3"
    assert on_local_gpu(plan(), 3).device == "cpu"


def test_one_process_takes_one_gpu() -> None:
    class Several:
        _n_gpu = 8

        @property
        def n_gpu(self) -> int:
            return self._n_gpu

    assert one_gpu(Several()).n_gpu == 1


def test_weights_that_are_trained_are_held_in_single_precision() -> None:
    assert plan(full=True, precision="bfloat16").weights == "float32"
    assert plan(full=True).fit(SMALL).needs == 8_000_000
