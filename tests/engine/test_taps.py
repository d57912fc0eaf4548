"""Every declared tap exists, and recording it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from tiny_network import TINY, TINY_NETWORKS
from torch import nn

from inpaint_core.contract.request import View
from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator, generators
from inpaint_core.networks.hooks import record_taps
from inpaint_core.networks.loaded_network import LoadedNetwork
from inpaint_core.networks.registry import configurations, find_network, networks
from inpaint_core.networks.tsgl.config import LAMA, Balance, Branch, Config

TAPS = generator("tsgl").taps
BOTH_LOCAL = (Branch("structure", "local", 2), Branch("residual", "local"))
VARIANTS: Mapping[str, Config] = {
    "lama": replace(
        LAMA, id="tiny", structure_widths=(4, 4, 6, 8, 8), width=16, blocks=1, hidden=6,
        decoder_widths=(16, 12, 8, 8, 6),
    ),
    "both sides local": replace(TINY, branches=BOTH_LOCAL),
    "guided by texture": replace(TINY, branches=(Branch("texture", "local"),)),
    "baseline": replace(TINY, branches=()),
    "basic": replace(TINY, balance=None),
    "pennet": replace(TINY, balance=Balance(form="pennet")),
    "hifill": replace(TINY, balance=Balance(form="hifill")),
}  # fmt: skip
WITH_TAPS = [spec.id for spec in generators().values() if spec.taps]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def view() -> View:
    image = np.random.default_rng(1).random((128, 128, 3), np.float32)
    hole = np.zeros((128, 128), bool)
    hole[40:90, 60:120] = True
    return View(image, hole, ~hole)


@pytest.fixture(scope="module")
def load() -> Callable[[str], LoadedNetwork]:
    """An engine's network with fresh weights."""

    @cache
    def build(engine: str) -> LoadedNetwork:
        torch.manual_seed(0)
        weights = str(generator(engine).weights)
        spec, config = find_network(weights, {"side": 128} if weights == "migan" else {})
        return spec.load(spec.build(config), "cpu", torch.float32)

    return build


@pytest.mark.parametrize("engine", WITH_TAPS)
def test_every_tap_is_there_as_declared_and_looking_changes_nothing(
    engine: str, load: Callable[[str], LoadedNetwork], view: View
) -> None:
    loaded, declared = load(engine), generator(engine).taps
    config = loaded.network.config
    taps = configurations()[config.id].list_taps(config)
    assert set(taps) <= set(declared) or config.id == "migan"
    check_taps(loaded, taps, view)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=list(VARIANTS))
def test_every_variant_has_its_own_taps(config: Config, view: View) -> None:
    spec = networks()["tsgl"]
    torch.manual_seed(0)
    loaded = spec.load(spec.build(config), "cpu", torch.float32)
    check_taps(loaded, spec.list_taps(config), view)


def check_taps(loaded: LoadedNetwork, taps: Sequence[TapPoint], view: View) -> None:
    network, inputs = loaded.network, loaded.inputs(view)
    with torch.inference_mode():
        wanted = network(inputs).image
        with record_taps(network, taps) as found:
            looked_at = network(inputs).image
        recorded = dict(found)
        again = network(inputs).image
    assert all(found[name] is recorded[name] for name in recorded)  # no hook is left
    assert torch.equal(wanted, looked_at)
    assert torch.equal(wanted, again)
    assert list(found) != []
    for tap in taps:
        size = (128 // tap.stride, 128 // tap.stride)
        assert found[tap.name].shape == (1, tap.channels, *size), tap.name
        wide = np.abs(found[tap.name]).max() > 65504
        assert found[tap.name].dtype == (np.float32 if wide else np.float16), tap.name
        assert np.isfinite(found[tap.name]).all()
        assert found[tap.name].any(), tap.name


@pytest.mark.parametrize("weights", ["pconv", "dmfn"])
def test_why_this_pixel_where_only_the_photo_is_seen(weights: str, view: View) -> None:
    """The gradient is the change of brightness per change of the photo."""
    network_id, config = TINY_NETWORKS[weights]
    torch.manual_seed(0)
    spec = networks()[network_id]
    loaded = spec.load(spec.build(config), "cpu", torch.float32)
    (y, x), step = (60, 80), 1e-2
    felt = loaded.find_gradient(view, y, x)
    assert felt.edges is None
    assert felt.photo.shape == (3, *view.hole.shape)
    assert not felt.photo[:, view.hole].any()
    channel, row, column = np.unravel_index(np.abs(felt.photo).argmax(), felt.photo.shape)
    found = []
    for sign in (1, -1):
        moved = view.image.copy()
        moved[row, column, channel] += sign * step
        found.append(loaded.find_gradient(replace(view, image=moved), y, x).value)
    wanted = felt.photo[channel, row, column]
    assert abs(wanted) > 1e-6
    assert (found[0] - found[1]) / (2 * step) == pytest.approx(wanted, rel=0.2)


def test_an_engine_with_a_network_has_taps() -> None:
    assert [spec.id for spec in generators().values() if spec.weights] == WITH_TAPS


def test_the_parts_of_the_paper_can_be_looked_at() -> None:
    parts = {tap.name.rpartition("-")[0] or tap.name for tap in TAPS}
    wanted = {"structure", "texture", "global", "local", "residual", "balanced", "decoded"}
    assert wanted <= parts
    assert len({tap.title for tap in TAPS}) == len(TAPS)


def test_the_hole_of_partial_convolutions_shrinks_from_layer_to_layer(
    load: Callable[[str], LoadedNetwork], view: View
) -> None:
    loaded = load("pconv")
    taps = [tap for tap in generator("pconv").taps if tap.name.startswith(("known", "filled"))]
    with torch.inference_mode(), record_taps(loaded.network, taps) as found:
        loaded.network(loaded.inputs(view))
    shares = [float(found[f"known-{k}"].mean()) for k in range(1, 8)]
    assert float((~view.hole).mean()) < shares[0] < shares[1] < shares[2]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all((found[tap.name] == 1).all() for tap in taps if tap.name.startswith("filled"))


def test_only_what_is_asked_for_is_copied(load: Callable[[str], LoadedNetwork], view: View) -> None:
    loaded = load("tsgl")
    one = next(tap for tap in TAPS if tap.name == "local-3")
    with torch.inference_mode(), record_taps(loaded.network, [one]) as found:
        loaded.network(loaded.inputs(view))
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


@pytest.mark.parametrize(
    ("largest", "kind"), [(65504.0, np.float16), (1e9, np.float32), (-1e9, np.float32)]
)
def test_maps_are_copies_in_half_precision_unless_they_exceed_it(largest: float, kind: Any) -> None:
    net = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    x = torch.tensor([[[[largest, 0.1, -2.0]]]])
    taps = [TapPoint("in", "", 1, 1, "0", "input", (0,)), TapPoint("out", "", 1, 1, "0")]
    with record_taps(net, taps) as found:
        net(x)
    assert found["in"].tolist() == found["out"].tolist()
    assert found["out"].dtype == kind
    assert found["out"][0, 0, 0].tolist() == [largest, kind(0.1), -2]
