"""What an imported network must show before it is listed."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.importing.self_test import check_network
from inpaint_core.networks.inputs import NetworkInputs, NetworkOutput
from inpaint_core.networks.registry import find_network


class Overshooting(nn.Module):
    """Returns ``inside`` times the photo in the hole, and ``outside`` times it elsewhere."""

    def __init__(self, inside: float, outside: float) -> None:
        super().__init__()
        self.inside, self.outside = inside, outside

    def forward(self, inputs: NetworkInputs) -> NetworkOutput:
        factor: Tensor = torch.where(inputs.known == 0, self.inside, self.outside)
        ramp = torch.linspace(-1, 1, inputs.image.shape[-1])
        return NetworkOutput(factor * ramp.expand_as(inputs.image))


def test_only_the_hole_must_be_in_range() -> None:
    spec, config = find_network("pconv")
    tested = check_network(Overshooting(1, 3), spec, config)
    hole = (tested.inputs.known == 0).expand_as(tested.after)
    assert tested.after[hole].abs().max() <= 1 < tested.after[~hole].abs().max()
    with pytest.raises(WeightsUnavailable):
        check_network(Overshooting(30, 1), spec, config)
