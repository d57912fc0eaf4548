"""How published networks that an engine can use name and arrange their tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.recognise import Shapes
from inpaint_core.networks.lama.config import BIG, FOURIER, LamaConfig
from inpaint_core.networks.lama.published_names import list_published_names


@dataclass(frozen=True)
class PublishedLayout:
    """``prefix``: what else stands before the names that `recognise` found; ``find_config``: the
    configuration that tensors of these shapes have; ``list_names``: for each layer of ours the
    published name.
    """

    prefix: str
    find_config: Callable[[Shapes], Any]
    list_names: Callable[[Any], Mapping[str, str]]


def find_layout(network: str) -> PublishedLayout | None:
    """The layout of a network by the name that `recognise` gives; None without an engine for it."""
    return _LAYOUTS.get(network)


def _find_lama(shapes: Shapes) -> LamaConfig:
    numbers = [re.fullmatch(r"model\.(\d+)\.conv1\.ffc\.convl2l\.weight", n) for n in shapes]
    blocks = sum(number is not None for number in numbers)
    for config in (BIG, FOURIER):
        if config.blocks == blocks:
            return config
    raise WeightsUnavailable("weights.no_engine", network=f"LaMa, {blocks} blocks")


_LAYOUTS = {
    "LaMa": PublishedLayout(
        "model.", _find_lama, lambda config: list_published_names(config.blocks)
    )
}
