"""LaMa's inputs and losses; its computation is tested where published files are imported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.networks.inputs import Batch, NetworkInputs
from inpaint_core.networks.lama.config import MULTIPLE, LamaConfig, LamaLosses
from inpaint_core.networks.lama.network import Lama
from inpaint_core.networks.lama.refinement import infer_refined
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


def test_refinement_brings_the_picture_near_to_the_guide() -> None:
    torch.manual_seed(1)
    net = SPEC.load(Lama(LamaConfig("small", blocks=1, width=8)), "cpu", torch.float32)
    net.network.last.weight *= 30  # fresh weights hardly feel small changes
    rng = np.random.default_rng(0)
    hole = np.zeros((64, 64), bool)
    hole[16:40, 20:48] = True
    image = rng.random((64, 64, 3), np.float32)
    view = View(image, hole, ~hole)
    plain = infer_refined(net, view, Progress())
    assert np.array_equal(plain, net.infer(view)[0])  # nothing to refine by
    guide = plain * np.float32(0.98) + np.float32(0.01)
    refined = infer_refined(net, replace(view, guide=guide), Progress())
    assert refined.shape == image.shape

    def miss(picture: NDArray[np.float32]) -> float:
        """The mean difference from the guide in the hole, both at half of the size."""
        change = (picture - guide).reshape(32, 2, 32, 2, 3).mean((1, 3))
        return float(np.abs(change)[hole[::2, ::2]].mean())

    assert miss(refined) < 0.8 * miss(plain)
    assert all(p.grad is None for p in net.network.parameters())
