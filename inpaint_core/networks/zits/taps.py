"""The feature maps of the network that can be recorded. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator

from inpaint_core.contract.specs import TapPoint
from inpaint_core.networks.zits.config import ZitsConfig


def list_taps(config: ZitsConfig) -> tuple[TapPoint, ...]:
    """Structure from pass to pass, doubled and encoded, positions, and the picture's network."""
    structure = () if config.structure == "none" else _list_structure(config)
    return (*structure, *_list_picture(config))


def _list_structure(config: ZitsConfig) -> Iterator[TapPoint]:
    for k in range(config.steps):
        title = f"Edges and lines after pass {k + 1} of {config.steps}"
        yield TapPoint(f"step-{k + 1}", title, 1, 2, f"shown_steps.{k}")
    yield TapPoint(
        "tokens", "What the transformer knows, last pass", 8, config.embedding, "shown_tokens"
    )
    yield TapPoint("structure", "Edges and lines at the picture's size", 1, 2, "shown_structure")
    if config.positions:
        yield TapPoint("distance", "Distance from what is known", 1, 1, "shown_distance")
        yield TapPoint("direction", "Direction to what is known", 1, 4, "shown_direction")
    for k in range(4):
        title = f"Structure, encoded, at 1/{1 << k}"
        yield TapPoint(f"encoded-{k}", title, 1 << k, config.width << k, "encoder", part=(k,))


def _list_picture(config: ZitsConfig) -> Iterator[TapPoint]:
    width, (local, glob) = config.width, config.split
    for k in range(4):
        module = f"picture.norms.{k}"
        yield TapPoint(f"down-{k}", f"Picture at 1/{1 << k}", 1 << k, width << k, module)
    for k in range(config.blocks):
        module = f"picture.blocks.{k}"
        yield TapPoint(f"local-{k + 1}", f"Block {k + 1}, nearby", 8, local, module, part=(0,))
        yield TapPoint(f"global-{k + 1}", f"Block {k + 1}, whole image", 8, glob, module, part=(1,))
    for k in (2, 1, 0):
        yield TapPoint(f"up-{k}", f"Up to 1/{1 << k}", 1 << k, width << k, f"picture.ups.{2 - k}")
