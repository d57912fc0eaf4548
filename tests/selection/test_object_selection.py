"""Objects that are clicked on: found, refined at the photo's size, and written by the command."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.object_selection.left_out_parts import find_left_out_parts
from inpaint_core.object_selection.load_network import has_weights, load_object_network
from inpaint_core.object_selection.network import ObjectNetwork, Prompt
from inpaint_core.object_selection.object_finder import ObjectFinder
from inpaint_core.object_selection.pointing import Click, FoundObject, Pointing
from inpaint_core.raster.edge_refinement import refine_edge


def draw_photo(scale: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A red ellipse before a grey wall, and where it is."""
    size = (240 * scale, 320 * scale)
    inside = np.zeros(size, np.uint8)
    cv2.ellipse(inside, (150 * scale, 120 * scale), (60 * scale, 40 * scale), 20, 0, 360, 255, -1)
    pixels = np.where(inside[:, :, None] > 0, (200, 50, 40), (120, 125, 118)).astype(np.float32)
    noise = np.random.default_rng(4).normal(0, 5, (size[0], size[1], 1))
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), inside > 0


def overlap(rect: Rect, strength: np.ndarray, truth: np.ndarray) -> float:
    found = np.zeros(truth.shape, bool)
    found[rect.slices] = strength > 127
    return float((found & truth).sum() / (found | truth).sum())


CLICK = Pointing((Click(150, 120),))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [1, 6])
def test_an_object_is_found_by_one_click_at_any_size_and_depth(kind: type, scale: int) -> None:
    pixels, truth = draw_photo(scale)
    pixels = pixels.astype(kind) * kind(257 if kind == np.uint16 else 1)
    finder = ObjectFinder(pixels, load_object_network())
    pointing = Pointing((Click(150 * scale, 120 * scale),))
    found = finder.find(pointing)
    assert found is not None
    rect, strength = finder.refine(found)
    assert overlap(rect, strength, truth) > 0.93
    again = ObjectFinder(pixels, load_object_network())
    second = again.find(pointing)
    assert second is not None
    assert np.array_equal(again.refine(second)[1], strength)


def test_a_click_lies_in_what_it_finds_and_bounds_hold_it() -> None:
    pixels, truth = draw_photo()
    found = ObjectFinder(pixels, load_object_network()).find(CLICK)
    assert found is not None
    assert found.bounds.contains(Rect(150, 120, 1, 1))
    assert Rect.bounding(truth).grow(8).contains(found.bounds)
    points = np.concatenate(found.list_outlines())
    assert (points.min(axis=0) >= np.array([found.bounds.x, found.bounds.y]) - 4).all()
    assert (points.max(axis=0) <= np.array([found.bounds.right, found.bounds.bottom]) + 4).all()


def test_a_click_beside_takes_something_away() -> None:
    pixels, _ = draw_photo()
    finder = ObjectFinder(pixels, load_object_network())
    both = CLICK.add(Click(30, 30))
    less = both.add(Click(30, 60, False))
    areas = []
    for pointing in (both, less):
        found = finder.find(pointing)
        assert found is not None
        rect, strength = finder.refine(found)
        areas.append((strength > 127).sum())
        assert strength[120 - rect.y, 150 - rect.x] > 127
    assert areas[1] < areas[0]


def test_finding_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    finder = ObjectFinder(draw_photo()[0], load_object_network())
    with pytest.raises(Cancelled):
        finder.find(CLICK, progress=progress)


@pytest.mark.parametrize("shown", [Rect(560, 440, 80, 80), Rect(600, 300, 500, 340)])
def test_a_view_that_cuts_the_object_is_left_for_the_whole_photo(shown: Rect) -> None:
    finder = ObjectFinder(draw_photo(4)[0], load_object_network())
    pointing = Pointing((Click(610, 480),))
    found, whole = finder.find(pointing, shown), finder.find(pointing)
    assert found is not None
    assert whole is not None
    assert found.view == whole.view
    assert np.array_equal(found.share, whole.share)


def test_what_is_small_is_found_where_a_person_has_zoomed_in() -> None:
    pixels, truth = np.full((1500, 2000, 3), 120, np.uint8), np.zeros((1500, 2000), bool)
    pixels += np.random.default_rng(3).integers(0, 9, (1500, 2000, 1)).astype(np.uint8)
    truth[660:740, 870:970] = True
    pixels[truth] = (30, 60, 200)
    finder = ObjectFinder(pixels, load_object_network())
    found = finder.find(Pointing((Click(915, 702),)), Rect(800, 600, 240, 220))
    assert found is not None
    assert found.view.w < 400
    assert overlap(*finder.refine(found), truth) > 0.8


def test_folded_normalisation_changes_nothing() -> None:
    torch.manual_seed(1)
    network = ObjectNetwork()
    pictures = torch.rand(2, 3, 64, 96) * 2 - 1
    prompt = Prompt(
        torch.tensor([[[20.0, 30.0], [0.0, 0.0]], [[50.0, 10.0], [80.0, 60.0]]]),
        torch.tensor([[1.0, 0.0], [1.0, -1.0]]),
        torch.tensor([[0.0, 0.0, 0.0, 0.0], [10.0, 5.0, 60.0, 50.0]]),
        torch.zeros(2, 1, 32, 48),
    )
    with torch.no_grad():
        network.find(network.encode(pictures), prompt)  # fills the running statistics
        network.eval()
        before = network.find(network.encode(pictures), prompt)
        network.fold()
        after = network.find(network.encode(pictures), prompt)
    assert before.shape == (2, 1, 32, 48)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-3)
    assert not any("norm" in name for name in network.state_dict())


def test_the_file_that_ships_is_small_and_fits() -> None:
    assert has_weights()
    count = sum(value.numel() for value in load_object_network().parameters())
    assert 150_000 < count < 200_000


@pytest.mark.parametrize("scale", [1, 5])
def test_a_border_found_small_is_brought_to_the_edge(scale: int) -> None:
    pixels, truth = draw_photo(scale)
    small = np.asarray(cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA), np.uint8)
    region = cv2.resize(truth.astype(np.float32), (160, 120), interpolation=cv2.INTER_AREA)
    shifted = np.roll((region > 0.5).astype(np.float32), 2, axis=1)  # two small pixels off
    strength = refine_edge(shifted, small, pixels)
    assert strength.shape == truth.shape
    whole = Rect.whole(truth.shape)
    assert overlap(whole, strength, truth) > 0.985
    rough = cv2.resize(shifted, truth.shape[::-1]) * 255
    assert overlap(whole, rough, truth) < 0.95
    nothing = refine_edge(np.zeros_like(region), small, pixels)
    assert not nothing.any()
    assert (refine_edge(np.ones_like(region), small, pixels) == 255).all()


def test_bounds_of_nothing_are_empty() -> None:
    assert FoundObject(Rect(0, 0, 9, 9), np.zeros((3, 3), np.float32)).bounds.is_empty


def test_the_command_selects_what_lies_at_a_pixel(tmp_path: Path) -> None:
    pixels, truth = draw_photo()
    photo, out = tmp_path / "photo.png", tmp_path / "mask.png"
    Image.fromarray(pixels).save(photo)
    command = ["select", "object", str(photo), "--out", str(out), "--quiet"]
    assert main([*command, "--at", "150,120"]) == 0
    with Image.open(out) as image:
        mask = np.array(image)
    assert overlap(Rect.whole(mask.shape), mask, truth) > 0.93
    command.append("--overwrite")
    assert main([*command, "--at", "150,120", "--at", "130,110", "--not-at", "10,10"]) == 0


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ([], "Points are needed"),
        (["--not-at", "3,3"], "Points are needed"),
        (["--at", "320,10"], "lies outside"),
        (["--at=-1,10"], "lies outside"),
        (["--at", "5"], "--at"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rest: list[str], said: str
) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(draw_photo()[0]).save(photo)
    command = ["select", "object", str(photo), "--out", str(tmp_path / "mask.png"), *rest]
    try:
        code = main(command)
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code != 0
    assert said in capsys.readouterr().err
    assert not (tmp_path / "mask.png").exists()


class _Sees(torch.nn.Module):
    """Answers every click with the ``region`` (H, W) of the photo, wherever it was."""

    def __init__(self, region: np.ndarray) -> None:
        super().__init__()
        self.region = region

    def encode(self, pictures: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(half=pictures[:, :, ::2, ::2])

    def find(self, features: SimpleNamespace, _prompt: Prompt) -> torch.Tensor:
        height, width = features.half.shape[-2:]
        small = cv2.resize(self.region.astype(np.float32), (width, height))
        return torch.from_numpy(small)[None, None] * 16 - 8


def test_what_lies_apart_from_the_clicks_is_no_part_of_the_object() -> None:
    region = np.zeros((240, 320), bool)
    region[60:200, 40:110] = region[60:200, 116:180] = True  # behind a pole
    region[20:230, 240:310] = True  # larger, and far from the click
    pixels = np.where(region[..., None], (200, 50, 40), (120, 125, 118)).astype(np.uint8)
    finder = ObjectFinder(pixels, _Sees(region))  # type: ignore[arg-type]

    def take(pointing: Pointing) -> np.ndarray:
        out = np.zeros(region.shape, bool)
        found = finder.find(pointing)
        assert found is not None
        rect, strength = finder.refine(found)
        out[rect.slices] = strength > 127
        return out

    one = Pointing((Click(80, 130),))
    taken = take(one)
    assert taken[70:190, 50:100].all()
    assert taken[70:190, 126:170].all()
    assert not taken[:, 230:].any()
    both = take(one.add(Click(280, 130)))
    assert both[70:190, 50:100].all()
    assert both[70:190, 250:300].all()
    assert finder.find(Pointing((Click(210, 20),))) is None


def draw_around(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    angles = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    return tuple((x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles)


@pytest.mark.parametrize("scale", [1, 4])
def test_what_is_drawn_around_an_object_is_enough(scale: int) -> None:
    pixels, truth = draw_photo(scale)
    finder = ObjectFinder(pixels, load_object_network())
    box = tuple((x * scale, y * scale) for x, y in ((80, 70), (220, 70), (220, 170), (80, 170)))
    for outline in (box, draw_around(150 * scale, 120 * scale, 72 * scale)):
        found = finder.find(Pointing(outline=outline))
        assert found is not None
        assert overlap(*finder.refine(found), truth) > 0.93


def test_an_outline_bounds_the_object_unless_a_click_lies_beyond_it() -> None:
    pixels, truth = draw_photo()
    finder = ObjectFinder(pixels, load_object_network())
    half = Pointing(outline=((80, 70), (150, 70), (150, 170), (80, 170)))
    found = finder.find(half)
    assert found is not None
    assert found.bounds.right <= 152
    more = finder.find(half.add(Click(180, 125)))
    assert more is not None
    assert more.bounds.right > 180  # up to a little behind the click
    before, after = (overlap(*finder.refine(each), truth) for each in (found, more))
    assert after > before + 0.2


def test_points_beside_an_outline_surround_it() -> None:
    view = Rect(0, 0, 320, 240)
    points = np.array(Pointing(outline=draw_around(150, 120, 60)).list_points_beside(view))
    away = np.hypot(*(points - (150, 120)).T)
    assert len(points) == 12
    assert (away > 61).all()
    assert (away < 75).all()
    assert np.hypot(*(points.mean(axis=0) - (150, 120))) < 6
    cut = Pointing(outline=draw_around(10, 120, 60)).list_points_beside(view)
    assert 0 < len(cut) < 12
    assert all(x >= 0 for x, _ in cut)
    assert CLICK.list_points_beside(view) == []
    assert Pointing(outline=((5, 5),) * 4).list_points_beside(view) == []


def test_what_a_rough_mask_leaves_out_is_found() -> None:
    pixels, truth = draw_photo(2)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (29, 29))
    mask = truth.astype(np.uint8) * 255
    rough = np.where(np.arange(640) < 300, cv2.erode(mask, disc), cv2.dilate(mask, disc))
    for is_asked in (True, False):
        (mark,) = find_left_out_parts(pixels, rough, load_object_network(), is_asked)
        whole = rough.copy()
        part = whole[mark.rect.slices]
        np.maximum(part, mark.strength, out=part)
        assert (whole[truth] > 127).mean() > 0.98
        assert not (whole[~truth & (cv2.dilate(mask, disc) == 0)] > 127).any()
        # What it takes for the object, and the mask has: nothing is added twice.
        assert not mark.strength[rough[mark.rect.slices] > 127].any()
    network = load_object_network()
    assert find_left_out_parts(pixels, cv2.dilate(mask, disc), network, False) == []
    assert find_left_out_parts(pixels, np.zeros_like(mask), network, True) == []
