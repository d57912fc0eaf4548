"""The PConv U-Net completes the picture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from inpaint_core.networks.network_generator import make_network_generator
from inpaint_core.networks.pconv.config import LEAN
from inpaint_core.networks.pconv.spec import SPEC as NETWORK

SPEC = make_network_generator(
    NETWORK,
    LEAN,
    id="pconv",
    title="Partial convolutions (PConv U-Net)",
    summary="Fills from the rim inwards, layer by layer, and copies matching texture over it.",
    paper="Liu et al., “Image inpainting for irregular holes using partial convolutions”, 2018",
)
