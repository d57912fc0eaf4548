"""LaMa's inputs and losses; its computation is tested where published files are imported."""

from __future__ import annotations

import pytest
import torch

from inpaint_core.contract.choices import Precision
from inpaint_core.networks.inputs import Batch, NetworkInputs
from inpaint_core.networks.lama.config import MULTIPLE, LamaConfig, LamaLosses
from inpaint_core.networks.lama.network import Lama
from inpaint_core.networks.lama.spec import SPEC
from inpaint_core.networks.reconstruction_objective import ReconstructionObjective
from inpaint_core.networks.store.precision import choose_dtype

SMALL = LamaConfig("small", blocks=1, width=2)


def make_inputs(side: int = 32) -> NetworkInputs:
    torch.manual_seed(0)
    known = torch.ones(1, 1, side, side)
    known[..., 8:20, 10:24] = 0
    return NetworkInputs((torch.rand(1, 3, side, side) * 2 - 1) * known, known)


def test_only_sides_that_halve_three_times_are_taken() -> None:
    net = Lama(SMALL).eval()
    with pytest.raises(ValueError, match="multiples of 8"):
        net(make_inputs(36))
    assert net(make_inputs(32)).image.shape == (1, 3, 32, 32)
    assert SPEC.multiple(SMALL) == 2 * MULTIPLE  # of one pixel no border can be reflected


def test_what_lies_in_the_hole_does_not_matter() -> None:
    net, inputs = Lama(SMALL).eval(), make_inputs()
    other = NetworkInputs(inputs.image + 0.7 * (1 - inputs.known), inputs.known)
    with torch.inference_mode():
        assert torch.equal(net(inputs).image, net(other).image)


def test_it_never_runs_in_half_precision_with_a_short_range() -> None:
    asked: tuple[tuple[Precision, torch.dtype], ...] = (
        ("float16", torch.bfloat16),
        ("float32", torch.float32),
    )
    for precision, given in asked:
        assert choose_dtype("cpu", precision, SPEC.bears_float16(SMALL)) == given


def test_its_losses_reach_every_weight() -> None:
    net, inputs = Lama(SMALL), make_inputs()
    objective = ReconstructionObjective(
        LamaLosses(perceptual=0.0, hole=1.0), net, None, None, "cpu", "float32"
    )
    values = objective.backward(Batch(inputs, torch.rand(1, 3, 32, 32)), 1)
    assert set(values) == {"reconstruction"}
    assert all(p.grad is not None and bool((p.grad != 0).any()) for p in net.parameters())
