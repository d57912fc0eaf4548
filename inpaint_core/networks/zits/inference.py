"""The network in use, with drawn edges and lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.request import View
from inpaint_core.networks.inputs import to_tensor
from inpaint_core.networks.loaded_network import LoadedNetwork
from inpaint_core.networks.zits.hawp.detector import SIDE, normalise
from inpaint_core.networks.zits.inputs import ZitsInputs, prepare_inputs
from inpaint_core.raster.scaling import shrink_view

PRODUCTS = ("edges", "wireframe")

LEAST_SCORE = 0.85
"""Of a line of the trained detector, to count."""


class LoadedZits(LoadedNetwork):
    """Its by-products are the completed “edges” and lines, “wireframe”, (h, w) in [0, 1]."""

    def prepare(self, view: View) -> ZitsInputs:
        """The photo, its hole and its structure, drawn edges and lines among it."""
        find_lines = None if self.network.detector is None else self._detect_lines
        return prepare_inputs(view, self.network.config, find_lines)

    @torch.inference_mode()
    def _detect_lines(self, image: FloatImage, hole: BoolMask, side: int) -> list[Segment]:
        seen = shrink_view(View(image, hole, ~hole), SIDE, SIDE)
        photo, unknown = to_tensor(seen.image), to_tensor(seen.hole.astype(np.float32))
        lines, scores = self.network.detector(normalise(photo, unknown).to(self.device, self.dtype))
        sure = lines[scores > LEAST_SCORE].float().cpu().numpy() * side - 0.5
        return [Segment(*map(float, ends)) for ends in sure]

    def run(
        self, inputs: ZitsInputs, view: View, want: frozenset[str]
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The picture, and the maps that are wanted."""
        output = self.network(inputs)
        if output.structure is None:
            return output.image, {}
        maps = dict(zip(PRODUCTS, output.structure.split(1, dim=1), strict=True))
        return output.image, {name: maps[name] for name in PRODUCTS if name in want}
