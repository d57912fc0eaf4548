from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
import torch
from numpy.typing import NDArray

from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.engine.engine import Engine
from inpaint_core.generators import registry
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import InspectedRun, look_inside
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inference import LoadedTsgl
from inpaint_core.networks.tsgl.network import Tsgl

SIDE = 128
"""The network sees so many pixels at once here, so that small photos have levels and tiles."""


def _astronaut() -> NDArray[np.uint8]:
    return np.asarray(skimage.data.astronaut())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def loaded() -> LoadedTsgl:
    """The network that ships, with fresh weights: what it paints is noise."""
    torch.manual_seed(0)
    network = Tsgl(BASE).eval()
    with torch.no_grad():
        # Fresh weights paint in pure black and white, where tanh has no slope to look at.
        for weight in network.decoder.ups[-1].parameters():
            weight.mul_(0.02)
    return LoadedTsgl(network, "cpu", torch.float32)


@pytest.fixture(scope="session")
def spec(loaded: LoadedTsgl) -> GeneratorSpec:
    return replace(
        generator("tsgl"),
        build=lambda device, precision: (
            loaded
            if precision == "auto"
            else LoadedTsgl(copy.deepcopy(loaded.network), device, getattr(torch, precision))
        ),
        size=SizeRule(SIDE, 64),
        weights=None,
    )


@contextmanager
def instead(spec: GeneratorSpec) -> Iterator[None]:
    """The network with fresh weights in place of the one that ships, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    known = {**registry.generators(), spec.id: spec}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "generators", lambda: known)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module", autouse=True)
def registered(spec: GeneratorSpec) -> Iterator[None]:
    """For the tests of one file and no longer: others are about the network that ships."""
    with instead(spec):
        yield


@pytest.fixture(scope="session")
def request_() -> InpaintRequest:
    """A photo of 200 x 176 pixels with a hole; the network goes over it at two sizes."""
    image = np.ascontiguousarray(_astronaut()[40:216, 130:330])
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[60:110, 70:130] = 255
    return InpaintRequest(image, mask, FillOptions(engine="tsgl", feather=0, device="cpu"))


@pytest.fixture(scope="session")
def run(request_: InpaintRequest, spec: GeneratorSpec) -> InspectedRun:
    with instead(spec):
        return look_inside(request_, Engine())


@pytest.fixture(scope="session")
def complete(request_: InpaintRequest, spec: GeneratorSpec) -> InspectedRun:
    """With the maps that are recorded only on request as well."""
    with instead(spec):
        return look_inside(request_, Engine(), [tap.name for tap in spec.taps])


@pytest.fixture(scope="session")
def large(request_: InpaintRequest) -> InpaintRequest:
    """A photo that the network goes over coarsely first and then in overlapping tiles."""
    image = np.ascontiguousarray(_astronaut()[:360, 50:450])
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[145:205, 70:330] = 255
    return replace(request_, image=image, mask=mask)


@pytest.fixture(scope="session")
def tiled(large: InpaintRequest, spec: GeneratorSpec) -> InspectedRun:
    wanted = ("structure-1", "residual-1", "texture-2", "decoded-5")
    with instead(spec):
        return look_inside(large, Engine(), wanted)


@pytest.fixture
def first_look(spec: GeneratorSpec) -> Iterator[None]:
    """The network looks at the large photo small first, then at the whole, then at tiles."""
    with instead(replace(spec, size=replace(spec.size, first_side=SIDE // 2))):
        yield
