"""The detector of lines that ZITS was published with: its size, and every step in plain form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.contract.request import View
from inpaint_core.networks.blocks.cost import count_macs, count_parameters
from inpaint_core.networks.zits.config import ZitsConfig
from inpaint_core.networks.zits.hawp import detector
from inpaint_core.networks.zits.hawp.backbone import Heads, Hourglass, ResidualUnit
from inpaint_core.networks.zits.hawp.detector import LineDetector
from inpaint_core.networks.zits.network import Zits
from inpaint_core.networks.zits.spec import SPEC

TINY = ZitsConfig(
    "tiny", structure_side=64, structure_widths=(3, 4, 5), embedding=6, heads=2, layers=1, steps=1,
    upsampler_width=3, width=4, blocks=1, encoder_blocks=1, line_prior="hawp",
)  # fmt: skip


def test_the_published_size() -> None:
    with torch.device("meta"):
        net, photo = LineDetector().eval(), torch.empty(1, 3, 512, 512)
        macs = count_macs(lambda: net.backbone(photo))
        outputs, features = net.backbone(photo)
    assert count_parameters(net) == 10_330_387
    assert round(macs / 1e9, 1) == 60.0
    assert outputs.shape == (1, 9, 128, 128)
    assert features.shape == (1, 256, 128, 128)
    # The published file also holds the 32 places along a line, (1, 1, 32).
    held = net.state_dict()
    assert (len(held) + 1, sum(v.numel() for v in held.values()) + 32) == (729, 10_362_515)
    units = [
        m for h in net.backbone.hourglasses for m in h.modules() if isinstance(m, ResidualUnit)
    ]
    assert len(units) == 26


def test_units_and_hourglasses() -> None:
    unit = ResidualUnit(6, 4).eval()
    x = torch.randn(1, 6, 5, 7)
    with torch.no_grad():
        y = F.conv2d(F.relu(unit.norms[0](x)), unit.convs[0].weight, unit.convs[0].bias)
        y = F.conv2d(F.relu(unit.norms[1](y)), unit.convs[1].weight, unit.convs[1].bias, padding=1)
        y = F.conv2d(F.relu(unit.norms[2](y)), unit.convs[2].weight, unit.convs[2].bias)
        assert unit.widen is not None
        torch.testing.assert_close(unit(x), y + F.conv2d(x, unit.widen.weight, unit.widen.bias))
    assert ResidualUnit(8, 4).widen is None
    glass, heads = Hourglass(), Heads()
    for number, name in enumerate(("beside", "before", "after")):
        for level in range(4):  # numbers in place of units, to see the order
            getattr(glass, name)[level] = Marker(10**number * (level + 1))
    glass.inmost = Marker(1000)

    def add_up(x: float, level: int) -> float:
        y = x + 10 * level
        y = y + 1000 if level == 4 else add_up(y, level + 1)
        return x + level + y + 100 * level

    assert float(glass(torch.zeros(1, 1, 16, 16)).mean()) == add_up(0, 1)
    with torch.no_grad():
        x = torch.randn(1, 256, 4, 4)
        parts = [n(F.relu(w(x))) for w, n in zip(heads.wide, heads.narrow, strict=True)]
        assert [part.shape[1] for part in parts] == [3, 1, 1, 2, 2]
        torch.testing.assert_close(heads(x), torch.cat(parts, dim=1))


class Marker(nn.Module):
    """Adds a number."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = number

    def forward(self, x: Tensor) -> Tensor:
        return x + self.number


def to_raw(value: float) -> float:
    return math.log(value / (1 - value))


def test_a_place_proposes_its_line() -> None:
    """A level line at four cells below (20, 10), from (14, 14) to (23, 14)."""
    outputs = torch.zeros(9, 32, 32)
    # Seen from the place, down is a quarter turn; the ends lie at the angles a and b beside it.
    a, b = math.atan(6 / 4), math.atan(3 / 4)
    raw = (0.25 + 0.5, a / (math.pi / 2), b / (math.pi / 2), 0.8, 0.1)
    outputs[:5, 10, 20] = torch.tensor([to_raw(value) for value in raw])
    found = detector.propose_lines(outputs)
    assert found.shape == (3 * 32 * 32, 4)
    for sign, far in ((0, 3.5), (1, 4.0), (2, 4.5)):
        line = found[sign * 1024 + 10 * 32 + 20].tolist()
        wanted = [20 - far * 6 / 4, 10 + far, 20 + far * 3 / 4, 10 + far]
        assert line == pytest.approx(wanted, abs=1e-3)
    assert found.min() >= 0
    assert found.max() <= 31


def test_junctions_are_the_likeliest_places() -> None:
    outputs = torch.zeros(9, 16, 16)
    outputs[5] = 9.0  # nowhere
    for x, y, raw in ((3, 2, 5.0), (4, 2, 4.0), (10, 12, 8.0)):
        outputs[5, y, x], outputs[6, y, x] = 0.0, raw
    outputs[7, 12, 10], outputs[8, 12, 10] = to_raw(0.75), to_raw(0.1)
    found = detector.find_junctions(outputs)
    assert found.tolist() == [pytest.approx([10.75, 12.1]), [3.5, 2.5]]
    many = torch.zeros(9, 64, 64)
    many[5] = 9.0
    many[6, ::2, ::2] = 20 + torch.rand(32, 32)
    assert len(detector.find_junctions(many)) == 300


def test_lines_end_at_junctions() -> None:
    junctions = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    lines = torch.tensor(
        [[9.0, 1, 1, 1], [1.0, 1, 9, 1], [1.0, 0, 0, 1], [1.0, 9, 8, 1]]
    )  # the second is the first one turned round; both ends of the third are at one junction
    found = detector.tie_to_junctions(lines, junctions)
    assert found.tolist() == [[0, 0, 10, 0], [10, 0, 0, 10]]


def test_values_along_a_line() -> None:
    rows, columns = torch.meshgrid(torch.arange(8.0), torch.arange(12.0), indexing="ij")
    described = torch.stack([columns + 0.5, rows + 0.5])  # each cell tells its centre
    found = detector.sample_along(described, torch.tensor([[1.0, 2.0, 11.0, 7.0]]))
    share = torch.linspace(0, 1, 32)
    assert found.shape == (1, 2, 32)
    torch.testing.assert_close(found[0, 0], 1 + 10 * share)
    torch.testing.assert_close(found[0, 1], 2 + 5 * share)


def test_lines_are_judged() -> None:
    """Against the score by its definition, for a few lines of a network without a backbone."""
    torch.manual_seed(1)
    net = LineDetector().eval()
    outputs = torch.zeros(1, 9, 16, 16)
    outputs[:, 5] = 9.0
    outputs[0, 6, 3, 3], outputs[0, 6, 3, 12], outputs[0, 6, 12, 3] = 20.0, 19.0, 18.0
    features = torch.randn(1, 256, 16, 16)
    net.backbone.forward = lambda photo: (outputs, features)  # type: ignore[method-assign]
    with torch.inference_mode():
        lines, scores = net(torch.zeros(1, 3, 64, 64))
        described = F.conv2d(features, net.describe.weight, net.describe.bias)[0]
        assert len(lines) > 0
        for line, score in zip(lines * 16, scores, strict=True):
            points = detector.sample_along(described, line[None])[0]
            x = torch.stack([points[:, k : k + 4].amax(dim=1) for k in range(0, 32, 4)], dim=1)
            x = F.relu(net.judge[0](x.flatten()))
            x = F.relu(net.judge[1](x))
            assert float(score) == pytest.approx(1 / (1 + math.exp(-float(net.judge[2](x)))))
        outputs[0, 6] = 0.0
        assert [len(each) for each in net(torch.zeros(1, 3, 64, 64))] == [0, 0]


def test_what_the_detector_sees() -> None:
    photo, hole = torch.full((1, 3, 2, 2), 0.5), torch.zeros(1, 1, 2, 2)
    hole[..., 0] = 1
    photo[..., 0] = 9.0
    found = detector.normalise(photo, hole)
    wanted = [(127.5 - m) / s for m, s in zip(detector.MEAN, detector.SPREAD, strict=True)]
    assert found[0, :, 0, 0].tolist() == found[0, :, 1, 1].tolist() == pytest.approx(wanted)


def test_its_lines_lead_the_fill() -> None:
    image = np.full((64, 64, 3), 0.5, np.float32)
    hole = np.zeros((64, 64), bool)
    hole[20:40, 20:40] = True
    loaded = SPEC.load(Zits(TINY), "cpu", torch.float32)
    seen: list[Tensor] = []

    def detect(photo: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(photo)
        ends = [[0.1, 0.75, 0.9, 0.75], [0.1, 0.5, 0.9, 0.5], [0.5, 0.0, 0.5, 1.0]]
        return torch.tensor(ends), torch.tensor([0.9, 0.3, 0.86])

    loaded.network.detector.forward = detect
    inputs = loaded.prepare(View(image, hole, ~hole))
    assert seen[0].shape == (1, 3, 512, 512)
    lines = inputs.structure[0, 1]
    assert lines[47:49, 8:56].sum(dim=0).min() > 0.9
    assert lines[1:20, 31:33].sum(dim=1).min() > 0.9
    assert not lines[32, :20].any()  # not sure enough
    assert not lines[20:40, 20:40].any()  # nothing is known of the hole
