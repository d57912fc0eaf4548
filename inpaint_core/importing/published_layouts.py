"""How published networks that an engine can use name and arrange their tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.recognise import Shapes
from inpaint_core.importing.tsgl_lama_names import list_tsgl_lama_names
from inpaint_core.importing.tsgl_names import list_tsgl_names
from inpaint_core.importing.zits_names import (
    list_detector_names,
    list_picture_names,
    list_transformer_names,
    list_upsampler_names,
)
from inpaint_core.networks.dmfn.config import RELEASED, DmfnConfig
from inpaint_core.networks.dmfn.published_names import list_published_names as list_dmfn
from inpaint_core.networks.lama.config import BIG, FOURIER, LamaConfig
from inpaint_core.networks.lama.published_names import list_published_names as list_lama
from inpaint_core.networks.migan.config import LARGE, SMALL, MiganConfig
from inpaint_core.networks.migan.published_names import list_published_names as list_migan
from inpaint_core.networks.name_map import NameMap
from inpaint_core.networks.pconv.config import EIGHT_LEVELS, KERAS, SEVEN_LEVELS, PconvConfig
from inpaint_core.networks.pconv.published_names import list_keras_names, list_torch_names
from inpaint_core.networks.tsgl.config import LAMA as TSGL_LAMA
from inpaint_core.networks.tsgl.config import RELEASED as TSGL
from inpaint_core.networks.tsgl.config import TsglConfig
from inpaint_core.networks.zits.config import PAPER as ZITS
from inpaint_core.networks.zits.config import ZitsConfig


@dataclass(frozen=True)
class Part:
    """One of the files that a network is published in.

    ``files``: what it is called; ``own``: how the names of our tensors begin that are in it;
    ``is_needed``: nothing can be done without it.
    """

    id: str
    files: tuple[str, ...]
    own: tuple[str, ...]
    is_needed: bool = True


@dataclass(frozen=True)
class PublishedLayout:
    """``prefix``: what else stands before the names that `recognise` found; ``find_config``: the
    configuration that tensors of these shapes have; ``map_names``: where each tensor of ours lies
    in a file with tensors of these names; ``part``: which of several files it is.
    """

    prefix: str
    find_config: Callable[[Shapes], Any]
    map_names: Callable[[Any, Iterable[str]], NameMap]
    part: Part | None = None


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


def _find_dmfn(shapes: Shapes) -> DmfnConfig:
    if shapes["blocks.7.c2.weight"][2:] != (3, 3):
        raise WeightsUnavailable(
            "weights.no_engine", network="DMFN in a form that was not published"
        )
    return RELEASED


def _find_tsgl(shapes: Shapes) -> TsglConfig:
    """The published code has two or six blocks of attention in its last stage, and its first form
    fused other maps.
    """
    if shapes.get("en_fusion_1.0.weight", ())[2:] != (1, 1):
        raise WeightsUnavailable("weights.no_engine", network="TSGL (256) in its first form")
    depths = []
    for stage in range(2, 6):
        blocks = [re.fullmatch(rf"en_low_{stage}\.blocks\.(\d+)\.fuse\.bias", n) for n in shapes]
        depths.append(sum(block is not None for block in blocks))
    a, b, c, d = depths
    return replace(TSGL, depths=(a, b, c, d))


def _find_pconv(shapes: Shapes) -> PconvConfig:
    levels = sum(bool(re.fullmatch(r"enc_\d+\.conv\.input_conv\.weight", n)) for n in shapes)
    for config in (SEVEN_LEVELS, EIGHT_LEVELS):
        if len(config.widths) == levels:
            return config
    raise WeightsUnavailable("weights.no_engine", network=f"PConv U-Net with {levels} levels")


def join_parts(parts: Iterable[str]) -> ZitsConfig:
    """The configuration of the network that these parts make together: without the detector of
    lines that it was published with, OpenCV's takes its place.
    """
    return replace(ZITS, line_prior="hawp" if "lines" in parts else "lsd")


_ZITS_PARTS = (
    (
        "ZITS (structure)",
        Part(
            "structure",
            ("best_transformer_places2.pth", "zits-edge-line-0717.pt"),
            ("transformer.",),
        ),
        lambda config, names: list_transformer_names(config),
    ),
    (
        "ZITS (upsampler)",
        Part(
            "upsampler",
            ("StructureUpsampling.pth", "zits-structure-upsample-0717.pt"),
            ("upsampler.",),
        ),
        lambda config, names: list_upsampler_names(),
    ),
    (
        "ZITS (picture)",
        Part(
            "picture",
            ("InpaintingModel_best_gen.pth", "zits-inpaint-0717.pt"),
            ("encoder.", "positions.", "alphas", "picture."),
        ),
        lambda config, names: list_picture_names(config),
    ),
    (
        "ZITS (lines)",
        Part(
            "lines",
            ("best_lsm_hawp.pth", "zits-wireframe-0717.pt"),
            ("detector.",),
            is_needed=False,
        ),
        lambda config, names: list_detector_names(),
    ),
)

PARTS: Mapping[str, Part] = MappingProxyType({part.id: part for _, part, _ in _ZITS_PARTS})
"""The parts of ZITS, the only network that is published in several files, by id."""

LAYOUTS: Mapping[str, PublishedLayout] = {
    "LaMa": PublishedLayout("model.", _find_lama, lambda config, names: list_lama(config.blocks)),
    "MI-GAN": PublishedLayout("", _find_migan, lambda config, names: list_migan(config)),
    "DMFN": PublishedLayout("", _find_dmfn, lambda config, names: list_dmfn(config)),
    "PConv U-Net": PublishedLayout("", _find_pconv, lambda config, names: list_torch_names(config)),
    "TSGL (256)": PublishedLayout("", _find_tsgl, lambda config, names: list_tsgl_names(config)),
    "TSGL-LaMa": PublishedLayout(
        "",
        lambda shapes: replace(TSGL_LAMA, global_norm="batch"),
        lambda config, names: list_tsgl_lama_names(config),
    ),
    "PConv U-Net (Keras)": PublishedLayout("", lambda shapes: KERAS, list_keras_names),
    **{
        network: PublishedLayout("", lambda shapes: ZITS, names, part)
        for network, part, names in _ZITS_PARTS
    },
}
