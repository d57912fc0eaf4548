"""The network in use, with drawn edges and lines."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from inpaint_core.contract.request import View
from inpaint_core.networks.loaded_network import LoadedNetwork
from inpaint_core.networks.zits.inputs import ZitsInputs, prepare_inputs

PRODUCTS = ("edges", "wireframe")


class LoadedZits(LoadedNetwork):
    """Its by-products are the completed “edges” and lines, “wireframe”, (h, w) in [0, 1]."""

    def prepare(self, view: View) -> ZitsInputs:
        """The photo, its hole and its structure, drawn edges and lines among it."""
        return prepare_inputs(view, self.network.config)

    def run(
        self, inputs: ZitsInputs, view: View, want: frozenset[str]
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The picture, and the maps that are wanted."""
        output = self.network(inputs)
        if output.structure is None:
            return output.image, {}
        maps = dict(zip(PRODUCTS, output.structure.split(1, dim=1), strict=True))
        return output.image, {name: maps[name] for name in PRODUCTS if name in want}
