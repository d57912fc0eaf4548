"""ZITS as a whole: what it sees, what it gives, its ablations, its samples and its losses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.request import View
from inpaint_core.networks.blocks.cost import count_parameters
from inpaint_core.networks.blocks.patch_discriminator import PatchDiscriminator
from inpaint_core.networks.inputs import Batch, join_batches
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.zits.config import ABLATIONS, LEAN, PAPER, Part, ZitsConfig, ZitsLosses
from inpaint_core.networks.zits.inputs import ZitsInputs, draw_segments, prepare_inputs
from inpaint_core.networks.zits.losses import ZitsObjective, f1_score
from inpaint_core.networks.zits.network import Zits
from inpaint_core.networks.zits.samples import make_sample
from inpaint_core.networks.zits.spec import SPEC

TINY = ZitsConfig(
    "tiny", structure_side=32, structure_widths=(3, 4, 5), embedding=6, heads=2, layers=2, steps=3,
    upsampler_width=3, width=4, blocks=1, encoder_blocks=1,
)  # fmt: skip


def make_view(height: int = 64, width: int = 64, seed: int = 0) -> View:
    """Noise on two planes that meet in a straight edge, with a hole across it."""
    rng = default_rng(seed)
    image = rng.random((height, width, 3), np.float32) * 0.1
    image[height // 2 :] += 0.7
    hole = np.zeros((height, width), bool)
    hole[height // 4 : 3 * height // 4, width // 4 : width // 2] = True
    return View(image, hole, ~hole)


def make_network(config: ZitsConfig = TINY, alphas: float = 1.0) -> Zits:
    torch.manual_seed(0)
    net = Zits(config).eval()
    with torch.no_grad():
        net.alphas.fill_(alphas)
        net.positions.distance_alpha.fill_(alphas)
        net.positions.direction_alpha.fill_(alphas)
    return net


def test_the_published_sizes() -> None:
    waves = 128 * 64  # weights of the published code, though they are not learned
    whole = SPEC.measure_cost(replace(PAPER, steps=1), 512)
    assert whole.parameters + waves == 68_164_429
    # Relative positions by products and the upsampler's way back, which a fill does not need.
    more = 16 * 8 * 63 * 32 * 32 + 2 * (16 * 32 + 9 * 32) * 256 * 256
    assert round((whole.macs + more) / 1e9, 1) == 348.9
    assert 2_900_000 < SPEC.measure_cost(LEAN, 256).parameters < 3_200_000
    with torch.device("meta"):
        assert count_parameters(PatchDiscriminator()) == 6_962_369


def test_what_lies_in_the_hole_does_not_matter() -> None:
    net, view = make_network(), make_view()
    other = view.image.copy()
    other[view.hole] = default_rng(3).random((int(view.hole.sum()), 3))
    loaded = SPEC.load(net, "cpu", torch.float32)
    first = loaded.infer(view, frozenset({"edges", "wireframe"}))
    second = loaded.infer(replace(view, image=other), frozenset({"edges", "wireframe"}))
    np.testing.assert_array_equal(first[0], second[0])
    assert set(first[1]) == {"edges", "wireframe"}
    for name, value in first[1].items():
        assert value.shape == view.hole.shape
        assert 0 <= value.min() <= value.max() <= 1
        np.testing.assert_array_equal(value, second[1][name])
    with torch.inference_mode():
        inputs = prepare_inputs(view, TINY)
        hidden = {
            "image": torch.where(inputs.known > 0, inputs.image, 9.0),
            "small": torch.where(inputs.small_known > 0, inputs.small, 9.0),
            "structure": torch.where(inputs.structure_known > 0, inputs.structure, 9.0),
        }
        assert torch.equal(net(inputs).image, net(replace(inputs, **hidden)).image)


def test_views_of_any_shape() -> None:
    net = make_network()
    for height, width in ((32, 96), (96, 64), (32, 32)):
        with torch.inference_mode():
            found = net(prepare_inputs(make_view(height, width), TINY))
        assert found.image.shape == (1, 3, height, width)
        assert found.structure is not None
        assert found.structure.shape == (1, 2, height, width)
    with pytest.raises(ValueError, match="multiples of 32"):
        net(prepare_inputs(make_view(48, 64), TINY))


def test_structure_of_the_known_part() -> None:
    inputs = prepare_inputs(make_view(128, 128), replace(TINY, structure_side=64))
    edges, lines = inputs.structure[0]
    assert edges[31:33, 40:].max(dim=0).values.all()  # the horizon, right of the hole
    assert lines[31:33, 36:60].max(dim=0).values.min() > 0.3
    assert not inputs.structure[:, :, inputs.structure_known[0, 0] == 0].any()
    assert inputs.distance.max() == 8
    without = prepare_inputs(make_view(128, 128), replace(TINY, line_prior="none"))
    assert not without.structure[:, 1].any()
    assert without.structure[:, 0].any()


def test_what_is_drawn_is_known_to_the_transformer() -> None:
    view = make_view()
    strokes = np.zeros_like(view.hole)
    strokes[20:40, 20] = True
    strokes[:10, 50] = True  # outside of the hole
    lines = (Segment(18, 30, 30, 30), Segment(18, 40, 19, 40))  # the second is too short
    drawn = prepare_inputs(replace(view, edges=strokes & view.hole, lines=lines), TINY)
    plain = prepare_inputs(view, TINY)
    inside = plain.small_known == 0
    edges, straight = (drawn.structure[:, k : k + 1] for k in (0, 1))
    assert (edges * inside).sum() == (edges[..., 10:20, 10] * inside[..., 10:20, 10]).sum() == 10
    assert straight[0, 0, 14:16, 10:14].sum(dim=0).min() > 0.5
    assert torch.equal(drawn.structure_known == 1, ~inside | (edges > 0) | (straight > 0))
    outside = torch.where(inside, 0, drawn.structure)
    assert torch.equal(outside, torch.where(inside, 0, plain.structure))
    with torch.inference_mode():
        kept = make_network().complete(drawn)
    held = drawn.structure_known.expand_as(kept) > 0
    assert torch.equal(kept[held], drawn.structure[held])
    assert not torch.equal(kept, make_network().complete(plain))


def test_structure_is_completed_step_by_step() -> None:
    net, inputs = make_network(), prepare_inputs(make_view(), TINY)
    states: list[Tensor] = []
    net.transformer.register_forward_pre_hook(lambda module, given: states.append(given[2]))
    found = net.complete(inputs)
    count = int((inputs.small_known == 0).sum())
    left = [int(state.sum()) for state in states]
    assert left == [count, count - count // 3, (count - count // 3) - 2 * (count - count // 3) // 3]
    assert set(found[:, 0].unique().tolist()) <= {0.0, 1.0}
    assert 0 < float(found[:, 1][inputs.small_known[:, 0] == 0].max()) < 1
    states.clear()
    net.complete(inputs, 1)
    assert len(states) == 1


def test_maps_of_any_size() -> None:
    net = make_network()
    maps = torch.rand(2, 2, 32, 32)
    calls: list[Tensor] = []
    net.upsampler.register_forward_hook(lambda module, given, found: calls.append(found))
    assert torch.equal(net.enlarge(maps, 32), maps)
    assert not calls
    assert net.enlarge(maps, 96).shape == (2, 2, 96, 96)
    assert [tuple(each.shape) for each in calls] == [(4, 1, 64, 64), (4, 1, 128, 128)]
    calls.clear()
    once = net.enlarge(maps, 32, 1.5, 3.0, least=1)
    assert len(calls) == 1
    doubled = torch.sigmoid((calls[0].view(2, 2, 64, 64) + 1.5) * 3)
    torch.testing.assert_close(once, F.interpolate(doubled, size=(32, 32), mode="bilinear"))


def test_what_is_added_begins_with_nothing() -> None:
    """ZeroRA: with alphas of 0 the picture's network is unchanged; with others it is not."""
    inputs = prepare_inputs(make_view(), TINY)
    with torch.inference_mode():
        for alphas, same in ((0.0, True), (0.5, False)):
            net = make_network(alphas=alphas)
            assert torch.equal(net(inputs).image, net.paint(inputs, None)) == same
        assert not Zits(TINY).alphas.any()


def test_every_part_can_be_left_out() -> None:
    inputs = prepare_inputs(make_view(), TINY)
    with torch.inference_mode():
        whole = make_network()(inputs)
        found = {}
        for name, changes in ABLATIONS.items():
            _, paper = find_network(PAPER.id, changes)
            assert paper == replace(PAPER, **changes)
            config = replace(TINY, **changes)
            given = prepare_inputs(make_view(), config)
            found[name] = make_network(config)(given)
            changed = not torch.equal(found[name].image, whole.image)
            assert changed, name
        net = make_network(replace(TINY, structure="none"))
        assert torch.equal(net(inputs).image, net.paint(inputs, None))
        plain = make_network(replace(TINY, upsampling="bilinear"))
        completed = F.interpolate(plain.complete(inputs), size=(64, 64), mode="bilinear")
        structure = plain(inputs).structure
        assert structure is not None
        torch.testing.assert_close(structure, completed)
    for name, kept in (("edges only", 0), ("lines only", 1)):
        maps = found[name].structure
        assert maps is not None
        assert maps[:, kept].any()
        assert not maps[:, 1 - kept].any()
    assert found["alphas 0"].structure is None
    assert SPEC.list_products(replace(TINY, structure="none")) == ()


def test_lines_are_drawn_where_they_are() -> None:
    drawn = draw_segments(
        [Segment(2, 3, 9, 3), Segment(4.5, 6, 4.5, 10), Segment(-5, -5, -9, 2)], 12
    )
    assert drawn[3, 3:9].min() > 0.9
    assert drawn[3, [2, 9]].min() > 0.5
    assert drawn[6:11, 4].min() > 0.2
    assert drawn[6:11, 5].min() > 0.2
    assert drawn[1].max() == drawn[:2].max() == 0


def sample(part: Part, seed: int = 0, **more: float) -> Batch:
    view = make_view(seed=seed)
    losses = ZitsLosses(part=part, **more)  # type: ignore[arg-type]
    return make_sample(TINY, losses, default_rng(seed), view.image, view.hole)


def read(batch: Batch) -> ZitsInputs:
    assert isinstance(batch.inputs, ZitsInputs)
    return batch.inputs


def test_samples_of_structure() -> None:
    batch = sample("tsr")
    inputs, wanted = read(batch), batch.targets["structure"]
    inside = inputs.small_known[0, 0] == 0
    assert wanted[0, :, inside].any()
    assert not inputs.structure[0, :, inside].any()
    noise = default_rng(0).random((32, 32, 3), np.float32)
    coarse, fine = (
        make_sample(
            TINY, ZitsLosses("tsr", edge_sigma=s), default_rng(0), noise, noise[..., 0] > 0.9
        )
        for s in (2.0, 0.5)
    )
    assert fine.targets["structure"][:, 0].sum() > coarse.targets["structure"][:, 0].sum()
    assert torch.equal(inputs.structure_known, inputs.small_known)


def test_samples_with_a_revealed_rim() -> None:
    never = sample("tsr_refined", revealed=0.0)
    assert torch.equal(read(never).structure_known, read(never).small_known)
    view = make_view(256, 256)
    losses = ZitsLosses(part="tsr_refined", revealed=1.0)
    config = replace(TINY, structure_side=128)
    batch = make_sample(config, losses, default_rng(1), view.image, view.hole)
    inputs, wanted = read(batch), batch.targets["structure"]
    rim = (inputs.structure_known - inputs.small_known)[0, 0] > 0
    assert rim.any()
    assert (inputs.structure_known >= inputs.small_known).all()
    assert (inputs.structure_known == 0).any()
    assert torch.equal(inputs.structure[0, :, rim], wanted[0, :, rim])
    assert not inputs.small[0, :, rim].any()  # the picture stays hidden
    assert not (inputs.structure * (1 - inputs.structure_known)).any()


def test_samples_of_lines() -> None:
    grey = 0
    for seed in range(6):
        batch = sample("ssu", seed)
        lines, half = batch.targets["lines"], batch.targets["half_lines"]
        assert (lines.shape, half.shape) == ((1, 1, 64, 64), (1, 1, 32, 32))
        assert lines.any()
        near = F.max_pool2d(lines, 2)
        assert float(F.max_pool2d(near, 3, 1, 1)[half > 0.5].min()) > 0.2
        grey += len(half.unique()) > 2
    assert 0 < grey < 6


@pytest.mark.parametrize("part", ["lama", "tsr", "tsr_refined", "ssu", "ftr"])
def test_each_stage_trains_its_part(part: Part) -> None:
    losses = ZitsLosses(part=part, perceptual=0.0)
    net = make_network()
    judge = SPEC.build_discriminator(TINY, losses)
    assert (judge is not None) == (part in ("lama", "ftr"))
    objective = ZitsObjective(losses, net, judge, None, "cpu", "float32")
    batch = join_batches([sample(part, seed) for seed in (0, 1)])
    values = objective.backward(batch, 1)
    assert set(values) == {
        "tsr": {"edges", "lines"}, "tsr_refined": {"edges", "lines"}, "ssu": {"doubled", "back"},
    }.get(part, {"reconstruction", "adversarial", "matching", "discriminator", "r1"})  # fmt: skip
    assert all(math.isfinite(value) and value > 0 for value in values.values())
    taught = {name.partition(".")[0] for name, p in net.named_parameters() if p.grad is not None}
    assert taught == {
        "lama": {"picture"}, "tsr": {"transformer"}, "tsr_refined": {"transformer"},
        "ssu": {"upsampler"}, "ftr": {"picture", "encoder", "positions", "alphas"},
    }[part]  # fmt: skip
    assert taught == {
        name.partition(".")[0] for name, p in net.named_parameters() if p.requires_grad
    }
    assert net.encoder.training == (part == "ftr")
    shown, wanted = objective.show(net, batch)
    assert shown.shape == wanted.shape == (2, 3, 64, 64)
    same = batch.inputs.known.expand_as(shown) > 0
    torch.testing.assert_close(shown[same], wanted[same])
    figures = objective.measure(net, batch)
    assert set(figures) == ({"edges_f1", "lines_f1"} if part.startswith("tsr") else set())
    assert all(0 <= value <= 100 for value in figures.values())


def test_the_structure_loss_by_hand() -> None:
    net, batch = make_network(), sample("tsr")
    objective = ZitsObjective(ZitsLosses(part="tsr"), net, None, None, "cpu", "float32")
    with torch.no_grad():
        chance = torch.sigmoid(net.guess(read(batch)))[0]
    wanted, hole = batch.targets["structure"][0], read(batch).small_known[0, 0] == 0
    right = torch.where(wanted > 0.5, chance, 1 - chance)
    soft = -(wanted * chance.log() + (1 - wanted) * (1 - chance).log())
    assert torch.equal(right > 0, torch.ones_like(right, dtype=torch.bool))
    values = objective.backward(batch, 1)
    for k, name in enumerate(("edges", "lines")):
        assert values[name] == pytest.approx(float(soft[k][hole].sum()) / 32 / 32, rel=1e-4)


@pytest.mark.parametrize("predicted", [0.0, 1.0])
@pytest.mark.parametrize("skipped", [0.2, 0.8])
def test_structure_that_the_picture_learns_with(predicted: float, skipped: float) -> None:
    batch, net = sample("ftr"), make_network()
    chances = torch.tensor([0.5, 0.3, skipped, 0.0, 1.0]).view(1, 5, 1, 1)
    batch = Batch(batch.inputs, batch.truth, {**batch.targets, "chances": chances})
    small = replace(TINY, structure_side=64)  # the crop is as large as what the transformer sees
    seen: list[Tensor] = []
    net.encoder.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    passes: list[Tensor] = []
    net.transformer.register_forward_pre_hook(lambda module, given: passes.append(given[2]))
    losses = ZitsLosses(perceptual=0.0, adversarial=0.0, matching=0.0, r1=0.0, predicted=predicted)
    ZitsObjective(losses, net, None, None, "cpu", "float32").backward(batch, 1)
    assert len(passes) == (3 if predicted else 0)  # 1 + 0.5 * 5
    doubled = net.enlarge(batch.targets["structure"], 64, 1.5, 3.0, least=1)
    if not predicted:
        torch.testing.assert_close(seen[0][:, :2], doubled)
        view = make_view()
        larger = make_sample(small, losses, default_rng(0), view.image, view.hole)
        larger = Batch(larger.inputs, larger.truth, {**larger.targets, "chances": chances})
        net = make_network(small)
        net.encoder.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
        ZitsObjective(losses, net, None, None, "cpu", "float32").backward(larger, 1)
        as_it_is = torch.equal(seen[-1][:, :2], larger.targets["structure"])
        assert as_it_is == (skipped < 0.5)


def test_scores_of_structure() -> None:
    found, wanted = torch.tensor([1, 1, 0, 0, 1]) > 0, torch.tensor([1, 0, 0, 1, 1]) > 0
    assert f1_score(found, wanted) == pytest.approx(2 / 3)
    assert f1_score(found, ~found) == 0
    assert f1_score(found & ~found, found & ~found) == 1


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(BadRequest, match="“revealed” must be from 0 to 1"):
        ZitsLosses(revealed=1.5).check()
    with pytest.raises(BadRequest, match="r1"):
        ZitsLosses(adversarial=0.0, matching=0.0).check()
    ZitsLosses(part="ssu", adversarial=0.0, matching=0.0).check()
    assert ZitsLosses(part="tsr").needs_features is None
    assert ZitsLosses().needs_features == ZitsLosses(part="lama").needs_features == "perceptual"


def test_why_a_pixel_came_out_as_it_did() -> None:
    """The gradient is the change of brightness per change of the photo; structure stays."""
    net, view = make_network(alphas=0.0), make_view()
    for module in net.picture.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    loaded = SPEC.load(net, "cpu", torch.float32)
    felt = loaded.find_gradient(view, 30, 20)
    assert felt.edges is None
    assert not felt.photo[:, view.hole].any()
    channel, row, column = np.unravel_index(np.abs(felt.photo).argmax(), felt.photo.shape)
    values = []
    for step in (1e-3, -1e-3):
        moved = view.image.copy()
        moved[row, column, channel] += step
        values.append(loaded.find_gradient(replace(view, image=moved), 30, 20).value)
    wanted = felt.photo[channel, row, column]
    assert abs(wanted) > 1e-4
    assert (values[0] - values[1]) / 2e-3 == pytest.approx(wanted, rel=0.1)
