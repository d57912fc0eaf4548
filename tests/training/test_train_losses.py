"""Losses, running mean, figures and checkpoints."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import TINY
from torch import nn

from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.running_averages import copy_frozen, update_average
from inpaint_core.lab.training.training_log import to_8bit, validate
from inpaint_core.networks.inputs import Batch, NetworkInputs
from inpaint_core.networks.losses import adversarial_losses as losses
from inpaint_core.networks.losses.pixel_losses import reconstruction_loss
from inpaint_core.networks.tsgl.config import TsglLosses
from inpaint_core.networks.tsgl.inputs import Inputs, Output
from inpaint_core.networks.tsgl.losses import TsglObjective, edge_entropy
from inpaint_core.networks.tsgl.network import build_network


def test_reconstruction_by_hand() -> None:
    known = torch.ones(1, 1, 2, 2)
    known[..., 0, 0] = 0
    found, truth = torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    found[..., 0, 0] = 1.5  # wrong by 1 in the hole, by 0.5 in the other three pixels
    value = reconstruction_loss(found, truth, known, 5, 1)
    assert float(value) == pytest.approx(5 * 1 / 4 + 1 * 0.5 * 3 / 4)


def test_hinge_by_hand() -> None:
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 0.0])
    assert float(losses.discriminator_hinge(real, fake)) == pytest.approx((0.25 + 0.5) / 2)
    assert float(losses.generator_hinge(fake)) == pytest.approx(1.5)


def test_matching_by_hand_and_without_a_gradient_of_the_real_ones() -> None:
    real, fake = torch.ones(1, 2, requires_grad=True), torch.zeros(1, 2, requires_grad=True)
    value = losses.feature_matching([real, 3 * real], [fake, fake])
    assert float(value.detach()) == pytest.approx(2)
    value.backward()
    assert real.grad is None
    assert fake.grad is not None


def test_softplus_by_hand() -> None:
    known = torch.ones(1, 1, 4, 4)
    known[..., 0, 0] = 0  # of the four scores, the first one's cell holds a hole
    real, fake = torch.zeros(1, 1, 2, 2), torch.tensor([[[[2.0, 1.0], [1.0, 1.0]]]])
    log2 = np.log(2)
    said = (np.log1p(np.exp(2)) + 3 * np.log1p(np.exp(-1))) / 4
    value = losses.discriminator_softplus(real, fake, known)
    assert float(value) == pytest.approx(log2 + said)
    assert float(losses.generator_softplus(fake[..., :1, :1])) == pytest.approx(
        np.log1p(np.exp(-2))
    )


def test_the_losses_that_the_paper_prints() -> None:
    """Equation 13 has one weight for the whole picture, equation 15 logarithms."""
    real, fake = torch.tensor([[[[1.5]]]]), torch.tensor([[[[-0.5]]]])
    probability = torch.sigmoid(real), torch.sigmoid(fake)
    wanted = -torch.log(probability[0]) - torch.log(1 - probability[1])
    torch.testing.assert_close(losses.discriminator_log(real, fake), wanted[0, 0, 0, 0])
    assert TsglLosses().hole_weight == 5
    assert TsglLosses(loss="paper").hole_weight == TsglLosses(loss="paper").known == 1
    assert TsglLosses(loss="paper", hole=3.0).hole_weight == 3

    picture = torch.zeros(1, 3, 8, 8, requires_grad=True)
    truth, known = torch.full((1, 3, 8, 8), 0.5), torch.ones(1, 1, 8, 8)
    known[..., 2:6, 2:6] = 0

    class Painter(nn.Module):
        def forward(self, inputs: Inputs, edges: bool) -> Output:
            return Output(picture, torch.full((1, 1, 8, 8), 0.25))

    class Judge(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[torch.Tensor] = []
            self.slope = nn.Parameter(torch.tensor(1.0))

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
            self.seen.append(x.detach())
            return self.slope * x.mean(dim=1, keepdim=True), []

    judge = Judge()
    batch = Batch(
        Inputs(truth, known, torch.zeros(1, 2, 8, 8), known), truth,
        {"edges": torch.zeros(1, 1, 8, 8)},
    )  # fmt: skip
    objective = TsglObjective(TsglLosses(loss="paper"), Painter(), judge, None, "cpu", "float32")
    terms = objective.backward(batch, 1)
    composite = torch.where(known > 0, truth, 0.0)
    assert all(torch.equal(x, composite) for x in judge.seen[1:])
    score = composite.mean(dim=1)
    softplus = torch.nn.functional.softplus
    assert terms == {
        "reconstruction": pytest.approx(0.5),
        "edges": pytest.approx(0.25),
        "adversarial": pytest.approx(0.1 * float(softplus(-score).mean())),
        "discriminator": pytest.approx(
            float(softplus(-truth.mean(dim=1)).mean() + softplus(score).mean())
        ),
    }


def test_steepness_by_hand() -> None:
    slope = torch.tensor([1.0, -2.0, 3.0], requires_grad=True).view(1, 3, 1, 1)
    real = torch.rand(2, 3, 5, 5, requires_grad=True)
    value = losses.gradient_penalty((real * slope).sum(dim=1, keepdim=True), real)
    assert float(value.detach()) == pytest.approx(25 * (1 + 4 + 9))
    assert value.requires_grad  # it is trained on: there is a second derivative


def test_matching_squared() -> None:
    assert float(losses.feature_matching([torch.ones(2)], [torch.zeros(2)], squared=True)) == 1
    assert float(losses.feature_matching([torch.zeros(2)], [3 * torch.ones(2)], squared=True)) == 9


def test_each_loss_on_maps_and_scores_falls_when_it_is_followed() -> None:
    torch.manual_seed(0)
    judge = nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 3))
    truth, known = torch.rand(2, 3, 12, 12), (torch.rand(2, 1, 12, 12) > 0.3).float()

    def r1() -> torch.Tensor:
        seen = truth.clone().requires_grad_()
        return losses.gradient_penalty(judge(seen), seen)

    def softplus() -> torch.Tensor:
        return losses.discriminator_softplus(judge(truth), judge(1 - truth), known)

    def hinge() -> torch.Tensor:
        return losses.discriminator_hinge(judge(truth), judge(1 - truth))

    for loss in (r1, softplus, hinge):
        before = float(loss().detach())
        optimiser = torch.optim.SGD(judge.parameters(), 1e-3)
        for _ in range(10):
            optimiser.zero_grad()
            loss().backward()
            optimiser.step()
        assert float(loss().detach()) < before

    picture = torch.rand(2, 3, 12, 12, requires_grad=True)
    wanted = [judge[0](truth)]
    for squared in (False, True):
        before_ = float(
            losses.feature_matching(wanted, [judge[0](picture)], squared=squared).detach()
        )
        for _ in range(10):
            value = losses.feature_matching(wanted, [judge[0](picture)], squared=squared)
            (gradient,) = torch.autograd.grad(value, picture)
            with torch.no_grad():
                picture -= 0.5 * gradient
        after = float(
            losses.feature_matching(wanted, [judge[0](picture)], squared=squared).detach()
        )
        assert after < before_


def test_the_running_mean() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    mean = copy_frozen(net)
    assert not any(p.requires_grad for p in mean.parameters())
    start = net[0].weight.detach().clone()
    with torch.no_grad():
        net[0].weight.add_(1)
        net[1].running_mean.add_(3)
    update_average(mean, net, 0.9, 10_000)
    torch.testing.assert_close(mean[0].weight, start + 0.1)
    torch.testing.assert_close(mean[1].running_mean, net[1].running_mean)
    update_average(mean, net, 0.9, 0)  # 1 / 10 stays of the old one
    torch.testing.assert_close(mean[0].weight, start + 0.1 + 0.9 * 0.9)


def state(number: int) -> dict[str, object]:
    return {"step": number, "net": {"weight": torch.full((300,), float(number))}, "list": [1, "a"]}


def test_checkpoint_there_and_back_in_small_files(tmp_path: Path) -> None:
    assert checkpoint.load_latest(tmp_path) is None
    for number in (5, 10, 15):
        found = checkpoint.save_checkpoint(tmp_path, number, state(number), part=500)
    files = sorted(found.glob("*.bin"))
    assert len(files) > 2
    assert all(path.stat().st_size <= 500 for path in files)
    assert [path.name for path in checkpoint.list_checkpoints(tmp_path)] == [
        "step-00000010",
        "step-00000015",
    ]
    read = checkpoint.load_latest(tmp_path)
    assert read is not None
    assert read["step"] == 15
    assert read["list"] == [1, "a"]
    assert torch.equal(read["net"]["weight"], torch.full((300,), 15.0))


def test_an_unfinished_checkpoint_is_none(tmp_path: Path) -> None:
    checkpoint.save_checkpoint(tmp_path, 5, state(5))
    (tmp_path / ".step-00000010.part").mkdir()
    (tmp_path / "step-00000020").mkdir()
    read = checkpoint.load_latest(tmp_path)
    assert read is not None
    assert read["step"] == 5
    checkpoint.save_checkpoint(tmp_path, 10, state(10))
    assert [p.name for p in checkpoint.list_checkpoints(tmp_path)] == [
        "step-00000005",
        "step-00000010",
    ]


@pytest.mark.parametrize("harm", ["cut", "change", "remove", "index"])
def test_a_damaged_checkpoint_is_said(tmp_path: Path, harm: str) -> None:
    folder = checkpoint.save_checkpoint(tmp_path, 5, state(5), part=500)
    part = folder / "0001.bin"
    content = part.read_bytes()
    if harm == "cut":
        part.write_bytes(content[:-1])
    elif harm == "change":
        part.write_bytes(content[:9] + b"?" + content[10:])
    elif harm == "remove":
        part.unlink()
    else:
        (folder / "index.json").write_text("{}")
    with pytest.raises(FileUnreadable, match=r"step-00000005.*damaged"):
        checkpoint.load_latest(tmp_path)


def test_figures_by_hand() -> None:
    known = torch.ones(1, 1, 64, 64)
    known[..., :32] = 0
    truth = torch.full((1, 3, 64, 64), 0.5)
    grey = truth * known
    batch = Batch(NetworkInputs(truth * known, known), truth)
    figures, sheet = validate(lambda batch: (grey, batch.truth), [batch])
    assert figures["l1"] == pytest.approx(0.25)  # of 1, half of 0.5 of 2
    levels = np.array([128, 191], np.float64)  # 8-bit values of 0 and 0.5
    error = (levels[1] - levels[0]) ** 2 / 2
    assert figures["psnr"] == pytest.approx(10 * np.log10(255**2 / error))
    assert 0 < figures["ssim"] < 1
    assert sheet.shape == (64, 192, 3)
    assert (sheet[:, :32] == 255).all()
    assert (sheet[:, 64:96] == 128).all()
    assert (sheet[:, 128:] == 191).all()
    assert to_8bit(torch.tensor([-2.0, -1, 1, 9]).view(1, 1, 2, 2).expand(1, 3, 2, 2)).tolist()[0][
        0
    ] == [[0, 0, 0], [0, 0, 0]]


def test_entropy_by_hand() -> None:
    """One edge among four pixels counts for the square root of three."""
    truth = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    known = torch.tensor([[[[0.0, 0.0], [1.0, 1.0]]]])
    found = torch.tensor([[[[0.5, 0.2], [0.1, 0.0]]]])
    edge, other = -math.sqrt(3) * math.log(0.5), -math.log(0.8)
    rest = -math.log(0.9) - math.log(1 - 1e-4)
    expected = 5 * (edge + other) / 4 + rest / 4
    assert edge_entropy(found, truth, known, 5, 1).item() == pytest.approx(expected, rel=1e-5)


def test_edges_can_be_learned_before_pictures() -> None:
    """Without any weight of the picture, the decoder of the picture learns nothing."""
    torch.manual_seed(0)
    net = build_network(TINY)
    truth, known = torch.rand(1, 3, 64, 64) * 2 - 1, torch.ones(1, 1, 64, 64)
    known[..., 20:40, 20:40] = 0
    edges = (torch.rand(1, 1, 64, 64) > 0.8).float()
    inputs = Inputs(truth * known, known, torch.rand(1, 2, 64, 64) * known, known)
    settings = TsglLosses(picture=0.0, adversarial=0.0, edge_loss="entropy")
    objective = TsglObjective(settings, net, None, None, "cpu", "float32")
    terms = objective.backward(Batch(inputs, truth, {"edges": edges}), 1)
    assert terms["reconstruction"] == 0
    assert terms["edges"] > 0
    learned = {n for n, p in net.named_parameters() if p.grad is not None and p.grad.any()}
    assert any(name.startswith("edge_decoder") for name in learned)
    assert not any(name.startswith("decoder") for name in learned)
