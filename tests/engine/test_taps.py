"""Every declared tap exists, and recording it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator, generators
from inpaint_core.networks.hooks import record_taps
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs
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
    return prepare_inputs(image, hole, BASE)


def test_every_tap_is_there_as_declared_and_looking_changes_nothing(
    network: Tsgl, inputs: Inputs
) -> None:
    assert [spec.id for spec in generators().values() if spec.taps] == ["tsgl"]
    with torch.inference_mode():
        wanted = network(inputs).image
        with record_taps(network, TAPS) as found:
            looked_at = network(inputs).image
        recorded = dict(found)
        again = network(inputs).image
    assert all(found[name] is recorded[name] for name in recorded)  # no hook is left
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


def test_the_parts_of_the_paper_can_be_looked_at() -> None:
    parts = {tap.name.rpartition("-")[0] or tap.name for tap in TAPS}
    wanted = {"structure", "texture", "global", "local", "residual", "balanced", "decoded"}
    assert wanted <= parts
    assert len({tap.title for tap in TAPS}) == len(TAPS)


def test_only_what_is_asked_for_is_copied(network: Tsgl, inputs: Inputs) -> None:
    one = next(tap for tap in TAPS if tap.name == "local-3")
    with torch.inference_mode(), record_taps(network, [one]) as found:
        network(inputs)
    assert list(found) == ["local-3"]


def test_hooks_are_taken_off_after_an_error() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    here = TapPoint("a", "A", 1, 4, "0")
    unusable = replace(here, part=(99,))  # a hook that was left would raise IndexError
    with pytest.raises(ZeroDivisionError), record_taps(net, [unusable]):
        raise ZeroDivisionError
    with pytest.raises(AttributeError), record_taps(net, [unusable, replace(here, module="7")]):
        pass
    net(torch.zeros(1, 3))


def test_maps_keep_to_half_precision_and_are_copies() -> None:
    net = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    x = torch.tensor([[[[-1e9, 1e9, 0.1, -2.0]]]])
    taps = [TapPoint("in", "", 1, 1, "0", "input", (0,)), TapPoint("out", "", 1, 1, "0")]
    with record_taps(net, taps) as found:
        net(x)
    assert found["in"].tolist() == found["out"].tolist()
    assert found["out"][0, 0, 0].tolist() == [-65504, 65504, np.float16(0.1), -2]
