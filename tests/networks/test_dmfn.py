"""DMFN: its size, its block in every form, its discriminator and its losses."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.networks.blocks.cost import count_parameters
from inpaint_core.networks.dmfn import losses as dmfn_losses
from inpaint_core.networks.dmfn.blocks import FusionBlock, build_block
from inpaint_core.networks.dmfn.config import (
    LEAN,
    PAPER,
    RELEASED,
    TABLE_2,
    TABLE_3,
    DmfnConfig,
    DmfnLosses,
)
from inpaint_core.networks.dmfn.discriminator import Discriminator
from inpaint_core.networks.dmfn.losses import DmfnObjective
from inpaint_core.networks.dmfn.network import Dmfn
from inpaint_core.networks.dmfn.spec import SPEC
from inpaint_core.networks.inputs import Batch, NetworkInputs, composite
from inpaint_core.networks.losses.adversarial_losses import relativistic_average

TINY = DmfnConfig("tiny", width=4, blocks=2)


def inputs(side: int = 32, count: int = 1) -> NetworkInputs:
    known = torch.ones(count, 1, side, side)
    known[..., side // 4 : -side // 4, side // 4 : -side // 4] = 0
    return NetworkInputs(torch.rand(count, 3, side, side) * 2 - 1, known)


def test_the_published_sizes() -> None:
    assert SPEC.measure_cost(RELEASED, 256).parameters == 9_037_443
    assert round(SPEC.measure_cost(RELEASED, 256).macs / 1e9, 2) == 45.90
    with torch.device("meta"):
        net, judge = Dmfn(RELEASED), Discriminator()
        assert count_parameters(Dmfn(PAPER)) == 5_729_411
        assert 2_700_000 < count_parameters(Dmfn(LEAN)) < 3_300_000
    assert len(net.state_dict()) == 2 * (4 + 8 * 6 + 5 + 1)  # a weight and a bias each
    assert count_parameters(judge) == 36_673_025
    assert net.encoder[0].norm is None


def test_the_lean_block_has_gradients_in_bfloat16() -> None:
    block = build_block(4 * LEAN.width, LEAN.form).to(memory_format=torch.channels_last)
    x = torch.rand(2, 4 * LEAN.width, 32, 32).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        block(x).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in block.parameters())


def test_table_2() -> None:
    with torch.device("meta"):
        sizes = {k: count_parameters(build_block(256, c.form)) for k, c in TABLE_2.items()}
        released = count_parameters(build_block(256, "released"))
    assert sizes == {
        "rate=2": 803_392,
        "rate=8": 803_392,
        "w/o combination": 361_024,
        "w/o K": 361_024,
        "DMFB": 471_808,
    }
    assert released == 885_312


def norm(x: Tensor) -> Tensor:
    mean, spread = x.mean(dim=(2, 3), keepdim=True), x.var(dim=(2, 3), correction=0, keepdim=True)
    return (x - mean) / (spread + 1e-5).sqrt()


@pytest.mark.parametrize("form", ["paper", "released", "no_k", "no_combination"])
def test_the_block_as_the_paper_and_the_code_have_it(form: str) -> None:
    block = FusionBlock(8, form)  # type: ignore[arg-type]
    x = torch.randn(2, 8, 12, 10)
    conv = {name: part for name, part in block.named_modules() if hasattr(part, "weight")}

    def apply(name: str, value: Tensor, rate: int = 1) -> Tensor:
        layer = conv[name]
        pad = rate * (layer.weight.shape[-1] // 2)
        return F.conv2d(value, layer.weight, layer.bias, padding=pad, dilation=rate)

    with torch.no_grad():
        y = F.relu(norm(apply("reduce", x)))
        d = [apply(f"branches.{k}", y, rate) for k, rate in enumerate((1, 2, 4, 8))]
        if form != "released":
            d = [F.relu(norm(each)) for each in d]
        if form == "paper":
            y2 = apply("sums.0", d[0] + d[1])
            y3 = apply("sums.1", y2 + d[2])
            wanted = [d[0], y2, y3, apply("sums.2", y3 + d[3])]
        elif form == "no_combination":
            wanted = d
        else:
            wanted = [d[0], d[0] + d[1], d[0] + d[1] + d[2], d[0] + d[1] + d[2] + d[3]]
        joined = F.relu(norm(torch.cat(wanted, dim=1)))
        torch.testing.assert_close(block(x), x + norm(apply("fuse", joined)), atol=1e-5, rtol=1e-4)
    assert block.fuse.kernel_size == ((3, 3) if form == "released" else (1, 1))


@pytest.mark.parametrize("form", ["rate_2", "rate_8"])
def test_one_rate_only(form: str) -> None:
    block = build_block(8, form)  # type: ignore[arg-type]
    assert block(torch.randn(1, 8, 12, 10)).shape == (1, 8, 12, 10)
    assert block.dilated.dilation == ((2, 2) if form == "rate_2" else (8, 8))


def test_hole_size_and_range() -> None:
    net, given = Dmfn(TINY).eval(), inputs()
    with torch.inference_mode():
        found = net(given).image
        hidden = torch.where(given.known > 0, given.image, 9.0)
        assert torch.equal(net(NetworkInputs(hidden, given.known)).image, found)
    assert found.shape == given.image.shape
    assert found.abs().max() <= 1
    with pytest.raises(ValueError, match="multiples of 4"):
        net(inputs(30))


def test_the_discriminator_sees_the_whole_and_the_crop() -> None:
    judge = Discriminator(4).eval()
    picture, crop = torch.rand(2, 3, 256, 256), torch.rand(2, 3, 128, 128)
    with torch.no_grad():
        score, maps = judge(picture, crop)
        assert score.shape == (2, 1)
        assert [m.shape[1:] for m in maps] == [
            (4, 64, 64), (8, 32, 32), (16, 16, 16), (32, 8, 8), (32, 4, 4),
        ]  # fmt: skip
        assert not torch.equal(judge(picture, 1 - crop)[0], score)
        assert not torch.equal(judge(1 - picture, crop)[0], score)
        assert judge(picture[..., :128, :128], crop[..., :64, :64])[0].shape == (2, 1)
    assert [len(b.convs) for b in (judge.whole, judge.local)] == [6, 5]


def test_the_crop_lies_around_the_hole() -> None:
    known = torch.ones(2, 1, 16, 16)
    known[0, :, 9:12, 6:9] = 0  # its centre of mass is (10, 7)
    known[1, :, 0, 15] = 0  # in the corner
    place = torch.arange(256.0).view(1, 1, 16, 16).expand(2, 3, 16, 16)
    found = dmfn_losses.crop_around_hole(place, known)
    assert found.shape == (2, 3, 8, 8)
    assert found[0, 0, 0, 0] == 6 * 16 + 3
    assert found[1, 0, 0, 0] == 8


def test_guidance_by_hand() -> None:
    fake, truth = torch.zeros(2, 3, 1, 3), torch.zeros(2, 3, 1, 3)
    fake[0, :, 0] = torch.tensor([1.0, 2.0, 3.0])  # squared errors 1, 4, 9
    found = dmfn_losses.guidance_map(fake, truth)
    assert found[0, 0, 0].tolist() == pytest.approx([0, 3 / 8, 1], abs=1e-6)
    assert not found[1].any()


def test_distances_by_hand() -> None:
    found, wanted = torch.zeros(1, 10, 2, 2), torch.ones(1, 10, 2, 2)
    assert float(dmfn_losses.weighted_distance([found], [wanted])) == pytest.approx(10)
    guidance = torch.zeros(1, 1, 4, 4)
    guidance[..., :2, :2] = 0.5
    guided = dmfn_losses.self_guided_distance([found], [wanted], guidance)
    assert float(guided) == pytest.approx(10 * 0.5 / 4)


def test_centres_of_mass_by_hand() -> None:
    maps = torch.zeros(1, 2, 3, 5)
    maps[0, 0, 0, 4] = 2.0  # top right
    maps[0, 1, 2, 0] = maps[0, 1, 2, 2] = 1.0  # below, between the left and the middle
    found = dmfn_losses.centres_of_mass(maps)
    assert found[0, 0].tolist() == pytest.approx([1, -1], abs=1e-5)
    assert found[0, 1].tolist() == pytest.approx([-0.5, 1], abs=1e-5)
    other = maps.flip(2)  # upside down: only y changes, by 2
    assert float(dmfn_losses.alignment_distance(maps, other)) == pytest.approx(4 / 2, rel=1e-4)
    assert torch.isfinite(dmfn_losses.centres_of_mass(torch.zeros_like(maps))).all()


def test_the_relativistic_loss_by_hand() -> None:
    real, fake = torch.tensor([2.0, 0.0]), torch.tensor([1.0, -1.0])
    means = 1.0, 0.0
    apart = [math.log1p(math.exp(means[1] - r)) for r in (2.0, 0.0)]
    apart += [math.log1p(math.exp(f - means[0])) for f in (1.0, -1.0)]
    assert float(relativistic_average(real, fake)) == pytest.approx(sum(apart) / 4)
    assert float(relativistic_average(fake, real)) > float(relativistic_average(real, fake))


def features(picture: Tensor) -> list[Tensor]:
    """Five maps that are nowhere negative."""
    return [F.avg_pool2d(picture + 1, 2)] * 5


def objective(losses: DmfnLosses) -> DmfnObjective:
    torch.manual_seed(0)
    net, judge = Dmfn(TINY), SPEC.build_discriminator(TINY, losses)
    return DmfnObjective(losses, net, judge, features, "cpu", "float32")


def test_table_3() -> None:
    """Each row leaves out its loss and no other."""
    torch.manual_seed(1)
    given = inputs(64, 2)
    batch = Batch(given, composite(torch.rand(2, 3, 64, 64) * 2 - 1, given))
    terms = {name: objective(row).backward(batch, 1) for name, row in TABLE_3.items()}
    every = {"reconstruction", "self_guided", "features", "alignment", "adversarial", "matching"}
    assert set(terms["with all"]) == {*every, "discriminator"}
    assert all(math.isfinite(value) for row in terms.values() for value in row.values())
    missing = {name: set(terms["with all"]) - set(row) for name, row in terms.items()}
    assert missing == {
        "w/o self-guided": {"self_guided"},
        "w/o align": {"alignment"},
        "w/o dis_fm": {"matching"},
        "with all": set(),
    }


def test_without_losses_of_it_there_is_no_discriminator() -> None:
    alone = DmfnLosses(matching=0.0, adversarial=0.0)
    assert SPEC.build_discriminator(TINY, alone) is None
    assert alone.needs_features == "self_guided"
    bare = DmfnLosses(1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert bare.needs_features is None
    given = inputs(16, 2)
    learned = objective(bare)
    assert set(learned.backward(Batch(given, given.image), 1)) == {"reconstruction"}
    assert all(p.grad is not None for p in learned.generator.parameters())


def test_each_network_learns_from_its_own_losses() -> None:
    learned = objective(DmfnLosses())
    given = inputs(32, 2)
    learned.backward(Batch(given, torch.rand(2, 3, 32, 32)), 1)
    for net in (learned.generator, learned.discriminator):
        assert all(p.grad is not None and p.requires_grad for p in net.parameters())
    judge = learned.discriminator
    before = [p.grad.clone() for p in judge.parameters() if p.grad is not None]
    learned.discriminator.zero_grad()
    again = objective(DmfnLosses(1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    torch.manual_seed(2)
    assert sum(float(g.abs().sum()) for g in before) > 0
    assert again.losses.needs_discriminator
