"""The TSGL network completes structure and texture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from inpaint_core.networks.network_generator import make_network_generator
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.spec import SPEC as NETWORK

SPEC = make_network_generator(
    NETWORK,
    BASE,
    id="tsgl",
    title="Structure and texture (TSGL)",
    summary="Completes edges, rebuilds texture from them, and copies matching texture over it.",
    paper="“Thinking inside the convolution for image inpainting: reconstructing texture via"
    " structure under global and local side” (TSGL)",
)
