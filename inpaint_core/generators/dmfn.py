"""DMFN completes the picture; exemplar synthesis then adds real texture."""

from __future__ import annotations

from inpaint_core.networks.dmfn.config import LEAN
from inpaint_core.networks.dmfn.spec import SPEC as NETWORK
from inpaint_core.networks.network_generator import make_network_generator

SPEC = make_network_generator(
    NETWORK,
    LEAN,
    id="dmfn",
    title="Fine-grained fill (DMFN)",
    summary="Looks near and far at once in every layer, and copies matching texture over it.",
    paper="Hui, Li, Wang, Gao, “Image fine-grained inpainting”, 2020 (DMFN)",
)
