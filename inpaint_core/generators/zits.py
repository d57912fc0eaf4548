"""ZITS completes structure and picture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from inpaint_core.networks.network_generator import make_network_generator
from inpaint_core.networks.zits.config import LEAN
from inpaint_core.networks.zits.spec import SPEC as NETWORK

SPEC = make_network_generator(
    NETWORK,
    LEAN,
    id="zits",
    title="Edges and lines first (ZITS)",
    summary="Completes edges and lines step by step, fills along them, and copies matching texture "
    "over it.",
    paper="Dong, Cao, Fu, “Incremental transformer structure enhanced image inpainting with masking"
    " positional encoding”, 2022 (ZITS)",
)
