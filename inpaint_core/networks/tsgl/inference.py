"""The network in use, with its edges."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from inpaint_core.contract.request import View
from inpaint_core.networks.loaded_network import LoadedNetwork, PixelGradient
from inpaint_core.networks.tsgl.config import SEMANTIC, STRUCTURE_PRIORS
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs, takes_wrapped
from inpaint_core.priors.grey import LUMA


class LoadedTsgl(LoadedNetwork):
    """Its by-product is “edges” (h, w) in [0, 1], completed."""

    def prepare(self, view: View) -> Inputs:
        """The photo, its hole, the priors and the drawn edges."""
        config = self.network.config
        drawable = STRUCTURE_PRIORS[config.structure_prior].drawable
        drawn = view.edges if drawable else None
        given = view.priors
        if view.semantic is not None:
            given = {**given, SEMANTIC: view.semantic}
        return prepare_inputs(view.image, view.hole, config, drawn, given)

    def run(
        self, inputs: Inputs, view: View, want: frozenset[str]
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The picture, and the edges if they are wanted."""
        output = self.network(inputs, edges="edges" in want)
        return output.image, {} if output.edges is None else {"edges": output.edges}

    def find_gradient(self, view: View, row: int, column: int) -> PixelGradient:
        """As for every network; the photo acts through its brightness in the structure too. What
        it does through edges, gradients, coarse and smoothed colours is left out.
        """
        value, felt = self.differentiate(view, row, column, ("image", "structure"))
        structure_parts = STRUCTURE_PRIORS[self.network.config.structure_prior].parts
        parts = [name for name, taken in structure_parts for _ in taken]  # each channel's prior
        photo, structure = 2 * felt["image"], felt["structure"]
        if "grey" in parts:
            # Brightness is read off the photo too: the chain rule through `priors.grey`.
            slope = 2 if takes_wrapped(self.network.config) else 1
            luma = slope * np.array(LUMA, np.float32)[:, None, None]
            photo = photo + structure[parts.index("grey")] * luma
        edges = np.abs(structure[parts.index("canny")]) if "canny" in parts else None
        return PixelGradient(value, photo, edges)
