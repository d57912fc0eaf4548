"""MI-GAN completes the picture: with weights that a person has imported."""

from __future__ import annotations

from inpaint_core.networks.migan.config import LARGE
from inpaint_core.networks.migan.spec import SPEC as NETWORK
from inpaint_core.networks.network_generator import make_network_generator

SPEC = make_network_generator(
    NETWORK,
    LARGE,
    id="migan",
    title="Small and quick (MI-GAN)",
    summary="Sees 512 by 512 pixels. Needs weights that you import.",
    paper="Sargsyan et al., “MI-GAN: a simple baseline for image inpainting on mobile devices”,"
    " 2023",
    trust=1.0,
)
