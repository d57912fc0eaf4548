"""Losses on the picture alone, for networks whose weights are mostly brought by people."""

from __future__ import annotations

from inpaint_core.networks.inputs import Batch, composite
from inpaint_core.networks.losses.perceptual_losses import map_distance
from inpaint_core.networks.losses.pixel_losses import reconstruction_loss
from inpaint_core.networks.network_spec import ReconstructionLosses
from inpaint_core.networks.objective import Objective


class ReconstructionObjective(Objective):
    """The absolute error and that of a classifier's maps: Suvorov et al. (WACV 2022), section 2.2,
    without the adversarial terms.
    """

    losses: ReconstructionLosses

    def backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """As `Objective.backward`."""
        losses, inputs = self.losses, batch.inputs
        with self.autocast():
            out = self.generator(inputs)
        picture = out.image.float()
        terms = {
            "reconstruction": reconstruction_loss(
                picture, batch.truth, inputs.known, losses.hole, losses.known
            )
        }
        if self.features is not None and losses.needs_features:
            truth = [m.detach() for m in self.features(batch.truth)]
            found = self.features(composite(picture, inputs))
            terms["perceptual"] = losses.perceptual * map_distance(found, truth)
        return self.descend(terms, parts)
