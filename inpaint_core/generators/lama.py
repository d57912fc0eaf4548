"""LaMa completes the picture: with weights that a person has imported."""

from __future__ import annotations

from inpaint_core.networks.lama.config import BIG
from inpaint_core.networks.lama.spec import SPEC as NETWORK
from inpaint_core.networks.network_generator import make_network_generator

SPEC = make_network_generator(
    NETWORK,
    BIG,
    id="lama",
    title="Large masks (LaMa)",
    summary="Sees the whole picture in every layer. Needs weights that you import.",
    paper="Suvorov et al., “Resolution-robust large mask inpainting with Fourier convolutions”,"
    " 2022",
    max_side=1024,
    first_side=512,
    trust=1.0,
)
