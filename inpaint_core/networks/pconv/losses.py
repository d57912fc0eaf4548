"""The losses of the PConv U-Net.

Source: Liu et al. (ECCV 2018), equations 3 to 8, with SqueezeNet's maps at 1/2, 1/4 and 1/8 instead
of VGG-16's after its first three poolings.
"""

from __future__ import annotations

from typing import Any

from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.perceptual_losses import map_distance, papers_maps, style_distance
from inpaint_core.networks.losses.pixel_losses import reconstruction_loss, total_variation
from inpaint_core.networks.objective import Objective
from inpaint_core.networks.pconv.config import PconvLosses
from inpaint_core.networks.pconv.network import PconvUnet, normalise

COMPARED = 3
"""Maps of the classifier that are compared."""


class PconvObjective(Objective):
    """Pictures are compared as the network sees them, normalised."""

    losses: PconvLosses
    generator: PconvUnet

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if self.losses.freeze_encoder_norms:
            self.generator.freeze_encoder_norms()

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """As `Objective.backward`."""
        losses, inputs = self.losses, batch.inputs
        with self.autocast():
            out = self.generator(inputs)
        picture = out.image.float()
        fake = composite(picture, inputs)
        found, wanted = normalise(picture), normalise(batch.truth)
        terms = {
            "reconstruction": reconstruction_loss(
                found, wanted, inputs.known, losses.hole, losses.known
            ),
            "variation": losses.variation * total_variation(normalise(fake), inputs.known),
        }
        if self.features is not None and losses.needs_features:
            truth = [m.detach() for m in papers_maps(self.features, batch.truth, COMPARED)]
            both = [papers_maps(self.features, shown, COMPARED) for shown in (picture, fake)]
            perceptual = map_distance(both[0], truth) + map_distance(both[1], truth)
            style = style_distance(both[0], truth) + style_distance(both[1], truth)
            terms["perceptual"] = losses.perceptual * perceptual
            terms["style"] = losses.style * style
        return self.descend(terms, parts)
