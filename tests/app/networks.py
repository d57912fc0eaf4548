"""The network with fresh weights, whose paint is noise, in place of the one that ships."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from inpaint_core.contract.specs import SizeRule
from inpaint_core.generators import registry
from inpaint_core.generators.registry import generator


@contextmanager
def fresh() -> Iterator[None]:
    """For the length of the block, on one thread; it sees 128 pixels at once."""
    import torch

    from inpaint_core.networks.tsgl.config import BASE
    from inpaint_core.networks.tsgl.inference import LoadedTsgl
    from inpaint_core.networks.tsgl.network import Tsgl

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = Tsgl(BASE).eval()
    with torch.no_grad():
        for weight in net.decoder.ups[-1].parameters():
            weight.mul_(0.02)
    loaded = LoadedTsgl(net, "cpu", torch.float32)
    spec = replace(
        generator("tsgl"),
        build=lambda device, precision: (
            loaded
            if precision == "auto"
            else LoadedTsgl(copy.deepcopy(net), device, getattr(torch, precision))
        ),
        size=SizeRule(128, 64),
        weights=None,
    )
    found = {**registry.generators(), spec.id: spec}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "generators", lambda: found)
        yield
    torch.set_num_threads(threads)
