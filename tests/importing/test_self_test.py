"""A network is judged by what it paints in the hole."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.self_test import check_network
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput
from inpaint_core.networks.registry import find_network


class Painter(nn.Module):
    """Gives back its input, with other values in one pixel of the hole, or of what is known."""

    def __init__(self, value: float, in_hole: bool) -> None:
        super().__init__()
        self.value, self.in_hole = value, in_hole

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        image = inputs.image.clone()
        row, column = ((inputs.known[0, 0] == 0) == self.in_hole).nonzero()[0]
        image[..., row, column] = self.value
        return NetworkOutput(image)


def test_only_what_is_painted_in_the_hole_must_be_in_range() -> None:
    spec, config = find_network("pconv", {})
    tested = check_network(Painter(1.6, in_hole=False), spec, config, is_published=False)
    assert float(tested.after.max()) == pytest.approx(1.6)
    with pytest.raises(WeightsUnavailable, match="out of range"):
        check_network(Painter(1.6, in_hole=True), spec, config, is_published=False)
    for in_hole in (False, True):
        with pytest.raises(WeightsUnavailable, match="empty"):
            check_network(Painter(torch.nan, in_hole), spec, config, is_published=False)
