"""How published networks that an engine can use name and arrange their tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.recognise import Shapes
from inpaint_core.networks.lama.config import BIG, FOURIER, LamaConfig
from inpaint_core.networks.lama.published_names import list_published_names as list_lama
from inpaint_core.networks.migan.config import LARGE, SMALL, MiganConfig
from inpaint_core.networks.migan.published_names import list_published_names as list_migan
from inpaint_core.networks.name_map import NameMap


@dataclass(frozen=True)
class PublishedLayout:
    """``prefix``: what else stands before the names that `recognise` found; ``find_config``: the
    configuration that tensors of these shapes have; ``map_names``: where each tensor of ours lies.
    """

    prefix: str
    find_config: Callable[[Shapes], Any]
    map_names: Callable[[Any], NameMap]


def find_layout(network: str) -> PublishedLayout | None:
    """The layout of a network by the name that `recognise` gives; None without an engine for it."""
    return LAYOUTS.get(network)


def _find_lama(shapes: Shapes) -> LamaConfig:
    numbers = [re.fullmatch(r"model\.(\d+)\.conv1\.ffc\.convl2l\.weight", n) for n in shapes]
    blocks = sum(number is not None for number in numbers)
    for config in (BIG, FOURIER):
        if config.blocks == blocks:
            return config
    raise WeightsUnavailable("weights.no_engine", network=f"LaMa, {blocks} blocks")


def _find_migan(shapes: Shapes) -> MiganConfig:
    numbers = [re.fullmatch(r"encoder\.b(\d{1,9})\.fromrgb\.weight", name) for name in shapes]
    sides = [int(number[1]) for number in numbers if number is not None]
    for config in (LARGE, SMALL):
        if sides == [config.side]:
            return config
    side = sides[0] if sides else "?"
    raise WeightsUnavailable("weights.no_engine", network=f"MI-GAN for {side} pixels")


LAYOUTS: Mapping[str, PublishedLayout] = {
    "LaMa": PublishedLayout("model.", _find_lama, lambda config: list_lama(config.blocks)),
    "MI-GAN": PublishedLayout("", _find_migan, list_migan),
}
