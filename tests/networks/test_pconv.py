"""The PConv U-Net: its size, its masks, its losses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.networks.blocks.cost import count_parameters
from inpaint_core.networks.blocks.partial_convolution import PairedPartialConv2d
from inpaint_core.networks.hooks import record_taps
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.losses.perceptual_losses import (
    LEVELS,
    gram_matrix,
    map_distance,
    style_distance,
)
from inpaint_core.networks.losses.pixel_losses import total_variation
from inpaint_core.networks.pconv.config import (
    CONFIGS,
    EIGHT_LEVELS,
    LEAN,
    SEVEN_LEVELS,
    PconvConfig,
    PconvLosses,
)
from inpaint_core.networks.pconv.losses import PconvObjective
from inpaint_core.networks.pconv.network import PconvUnet, denormalise, normalise
from inpaint_core.networks.pconv.spec import SPEC
from inpaint_core.networks.pconv.taps import list_taps

TINY = PconvConfig("tiny", (4, 6, 8, 8))


def inputs(side: int = 32, seed: int = 0) -> NetworkInputs:
    draw = torch.Generator().manual_seed(seed)
    known = torch.ones(1, 1, side, side)
    known[..., side // 4 : -side // 4, side // 4 : -side // 4] = 0
    return NetworkInputs(torch.rand(1, 3, side, side, generator=draw) * 2 - 1, known)


def test_the_published_sizes() -> None:
    """Without kernels for masks, which are constants."""
    assert SPEC.measure_cost(SEVEN_LEVELS, 256).parameters == 25_779_796
    assert round(SPEC.measure_cost(SEVEN_LEVELS, 256).macs / 1e9, 1) == 9.5
    assert [(c.id, c.multiple) for c in CONFIGS.values()] == [
        ("pconv-512", 256), ("pconv-256", 128), ("pconv-keras", 256), ("pconv", 128),
    ]  # fmt: skip
    with torch.device("meta"):
        net, lean = PconvUnet(EIGHT_LEVELS), PconvUnet(LEAN)
    assert count_parameters(net) == 32_859_732
    assert 2_700_000 < count_parameters(lean) < 3_300_000
    kernels = [level.conv.conv.kernel_size[0] for level in net.encoder]
    assert kernels == [7, 5, 5, 3, 3, 3, 3, 3]
    assert [level.norm is None for level in net.encoder] == [True] + 7 * [False]
    assert [level.norm is None for level in net.decoder] == 7 * [False] + [True]
    assert count_parameters(net.decoder[-1]) == (64 + 3) * 3 * 9 + 3


def test_a_single_known_pixel_spreads_as_published() -> None:
    net = PconvUnet(replace(LEAN, widths=(1,) * 7)).eval()
    known = torch.zeros(1, 1, 256, 256)
    known[..., 0, 0] = 1
    taps = [tap for tap in list_taps(net.config) if tap.name.startswith("known")]
    with torch.inference_mode(), record_taps(net, taps) as found:
        net(NetworkInputs(torch.zeros(1, 3, 256, 256), known))
    shares = [round(float(found[f"known-{k}"].mean()), 3) for k in range(1, 8)]
    assert shares == [0, 0.001, 0.004, 0.016, 0.062, 0.25, 1]


def test_what_lies_in_the_hole_does_not_matter() -> None:
    net, one = PconvUnet(TINY).eval(), inputs()
    other = replace(one, image=torch.where(one.known > 0, one.image, 7.0))
    with torch.inference_mode():
        assert torch.equal(net(one).image, net(other).image)


def test_two_masks_at_once() -> None:
    """Against the plain sum over a window: conv(x m) n / sum(m), over all channels of both maps."""
    layer = PairedPartialConv2d(2, 3, 4, 3, bias=True)
    nn.init.constant_(layer.bias, 0.3)
    draw = torch.Generator().manual_seed(1)
    x, other = (torch.randn(1, c, 9, 7, generator=draw) for c in (2, 3))
    masks = [(torch.rand(1, 1, 9, 7, generator=draw) > 0.8).float() for _ in range(2)]
    with torch.no_grad():
        found, after = layer(x, masks[0], other, masks[1])
        whole = torch.cat([masks[0].expand(1, 2, 9, 7), masks[1].expand(1, 3, 9, 7)], dim=1)
        padded = F.pad(torch.cat([x, other], dim=1) * whole, (1, 1, 1, 1))
        counted = F.pad(whole, (1, 1, 1, 1))
        for row in range(9):
            for column in range(7):
                window = (0, slice(None), slice(row, row + 3), slice(column, column + 3))
                total = counted[window].sum()
                wanted = torch.zeros(4)
                if total > 0:
                    sums = (layer.conv.weight * padded[window]).sum(dim=(1, 2, 3))
                    wanted = sums * (5 * 9 / total) + 0.3
                torch.testing.assert_close(found[0, :, row, column], wanted, atol=1e-5, rtol=1e-5)
                assert after[0, 0, row, column] == float(total > 0)
    assert 0 < float(after.mean()) < 1


def test_the_decoder_doubles_by_repeating_and_gets_the_skips_of_map_and_mask() -> None:
    net = PconvUnet(TINY).eval()
    seen: list[tuple[Tensor, ...]] = []
    net.decoder[-1].conv.register_forward_pre_hook(lambda module, given: seen.append(given))
    given = inputs()
    with torch.inference_mode():
        net(given)
    x, known, skip, skip_known = seen[0]
    assert torch.equal(x[..., ::2, ::2], x[..., 1::2, 1::2])
    assert torch.equal(skip_known, given.known)
    assert torch.equal(skip, torch.where(given.known > 0, normalise(given.image), 0))
    assert known.shape == skip_known.shape
    with pytest.raises(ValueError, match="multiples of 16"):
        net(inputs(24))


def test_normalisation_and_back() -> None:
    picture = inputs().image
    torch.testing.assert_close(denormalise(normalise(picture)), picture)
    white = normalise(torch.ones(1, 3, 1, 1))[0, :, 0, 0]
    assert white.tolist() == pytest.approx(
        [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, 0.594 / 0.225]
    )


def test_variation_by_hand() -> None:
    picture = torch.zeros(1, 1, 3, 4)
    picture[0, 0, 1, 1], picture[0, 0, 1, 3] = 2.0, 5.0
    known = torch.ones(1, 1, 3, 4)
    known[0, 0, 0, 0] = 0  # grown by one pixel: the corner of 2 x 2
    # Pairs inside the corner: (0,1)-(1,1) and (1,0)-(1,1) differ by 2; of 9 and of 8 pairs.
    assert float(total_variation(picture, known)) == pytest.approx(2 / 9 + 2 / 8)


def test_style_by_hand() -> None:
    one = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]])  # 2 channels of 1 x 2
    assert gram_matrix(one)[0].tolist() == [[5 / 4, 3 / 4], [3 / 4, 9 / 4]]
    zero = torch.zeros_like(one)
    assert float(style_distance([one, one], [zero, one])) == pytest.approx((5 + 3 + 3 + 9) / 16)
    assert float(map_distance([one], [zero])) == pytest.approx(6 / 4)


def test_losses_by_hand() -> None:
    """With a classifier that is the identity, and a network that paints one colour."""

    class Flat(nn.Module):
        def forward(self, given: NetworkInputs) -> object:
            return NetworkInputs(self.colour.expand_as(given.image), given.known)

        def __init__(self) -> None:
            super().__init__()
            self.colour = nn.Parameter(torch.full((1, 3, 1, 1), 0.5))

    from inpaint_core.networks.inputs import Batch

    given = inputs(8)
    truth = torch.full((1, 3, 8, 8), 0.1)
    batch = Batch(replace(given, image=truth * given.known), truth)
    net = Flat()
    objective = PconvObjective(
        PconvLosses(), net, None, lambda picture: [picture * LEVELS], "cpu", "float32"
    )
    terms = objective.backward(batch, 1)
    scale = np.mean([0.2 / each for each in (0.229, 0.224, 0.225)])  # 0.4 of 2 is 0.2 of 1
    assert terms["reconstruction"] == pytest.approx(6 * scale / 4 + 1 * scale * 3 / 4, rel=1e-5)
    # The raw picture is wrong by 0.4 everywhere, the composite in a quarter.
    assert terms["perceptual"] == pytest.approx(0.05 * (0.4 + 0.1), rel=1e-5)
    grams = (0.25 - 0.01) / 3, ((0.25 + 3 * 0.01) / 4 - 0.01) / 3
    assert terms["style"] == pytest.approx(120 * sum(grams), rel=1e-4)
    assert terms["variation"] > 0
    assert net.colour.grad is not None


def test_the_second_stage_keeps_the_encoders_statistics_and_weights() -> None:
    net = PconvUnet(TINY).train()
    PconvObjective(PconvLosses(freeze_encoder_norms=True), net, None, None, "cpu", "float32")
    before = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], 0.1)
    net(inputs()).image.square().mean().backward()
    optimiser.step()
    moved = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    assert not any(k.startswith("encoder") and "norm" in k for k in moved)
    assert {"encoder.1.conv.conv.weight", "decoder.0.norm.running_mean"} <= moved
