"""The names of DMFN's tensors in the files that its authors published."""

from __future__ import annotations

from inpaint_core.networks.dmfn.config import DmfnConfig
from inpaint_core.networks.name_map import NameMap


def list_published_names(config: DmfnConfig) -> NameMap:
    """Where each tensor of `Dmfn` lies."""
    layers = {f"encoder.{k}.conv": f"encoder.{k}.conv" for k in range(4)}
    layers |= {"decoder.0.conv": "decoder.0.conv", "last": "decoder.3.conv"}
    for k in (1, 2):
        layers[f"decoder.{k}.up"] = f"decoder.{k}.deconv"
        layers[f"decoder.{k}.after.conv"] = f"decoder.{k}.conv.conv"
    for block in range(config.blocks):
        ours = ("reduce", *(f"branches.{k}" for k in range(4)), "fuse")
        theirs = ("c1", "d1", "d2", "d3", "d4", "c2")
        for a, b in zip(ours, theirs, strict=True):
            layers[f"blocks.{block}.{a}"] = f"blocks.{block}.{b}"
    return NameMap(layers)
