"""What can be looked at in a network is there, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator, generators
from inpaint_core.networks.taps import tapped
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inputs import Inputs, prepare
from inpaint_core.networks.tsgl.network import Tsgl

TAPS = generator("tsgl").taps


@pytest.fixture(scope="module")
def network() -> Iterator[Tsgl]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield Tsgl(BASE).eval()
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    image = np.random.default_rng(1).random((128, 192, 3), np.float32)
    hole = np.zeros((128, 192), bool)
    hole[40:90, 60:120] = True
    return prepare(image, hole, BASE)


def test_every_tap_is_there_as_declared_and_looking_changes_nothing(
    network: Tsgl, inputs: Inputs
) -> None:
    assert [spec.id for spec in generators().values() if spec.taps] == ["tsgl"]
    with torch.inference_mode():
        wanted = network(inputs).image
        with tapped(network, TAPS) as found:
            looked_at = network(inputs).image
        again = network(inputs).image
    assert torch.equal(wanted, looked_at)
    assert torch.equal(wanted, again)
    assert list(found) != []
    for tap in TAPS:
        # The residual is shown to the local side at the size it was made at: twice as large.
        size = (128 // tap.stride, 192 // tap.stride)
        assert found[tap.name].shape == (1, tap.channels, *size), tap.name
        assert found[tap.name].dtype == np.float16
        assert np.isfinite(found[tap.name]).all()
        assert found[tap.name].any(), tap.name
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_the_parts_of_the_paper_can_be_looked_at() -> None:
    parts = {tap.name.rpartition("-")[0] or tap.name for tap in TAPS}
    wanted = {"structure", "texture", "global", "local", "residual", "balanced", "decoded"}
    assert wanted <= parts
    assert len({tap.title for tap in TAPS}) == len(TAPS)


def test_only_what_is_asked_for_is_copied(network: Tsgl, inputs: Inputs) -> None:
    one = next(tap for tap in TAPS if tap.name == "local-3")
    with torch.inference_mode(), tapped(network, [one]) as found:
        network(inputs)
    assert list(found) == ["local-3"]


def test_hooks_are_taken_off_after_an_error() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    here = TapPoint("a", "A", 1, 4, "0")
    with pytest.raises(ZeroDivisionError), tapped(net, [here]):
        raise ZeroDivisionError
    with pytest.raises(AttributeError), tapped(net, [here, replace(here, module="7")]):
        pass
    assert not any(m._forward_hooks for m in net.modules())


def test_maps_keep_to_half_precision_and_are_copies() -> None:
    net = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    x = torch.tensor([[[[-1e9, 1e9, 0.1, -2.0]]]])
    taps = [TapPoint("in", "", 1, 1, "0", "input", (0,)), TapPoint("out", "", 1, 1, "0")]
    with tapped(net, taps) as found:
        net(x)
    assert found["in"].tolist() == found["out"].tolist()
    assert found["out"][0, 0, 0].tolist() == [-65504, 65504, np.float16(0.1), -2]
