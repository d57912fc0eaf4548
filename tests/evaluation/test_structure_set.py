"""Broken lines, and photos whose lines a silhouette crosses."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL.Image import fromarray as from_array

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.broken_lines import count_broken_lines
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scenes.rendered_cases import render_case
from inpaint_core.lab.evaluation.scenes.silhouettes import draw_silhouette
from inpaint_core.lab.evaluation.scenes.structure_set import SHARE, build_structure_set

HOLE = np.zeros((160, 200), bool)
HOLE[50:110, 70:130] = True


def draw_rails(*rows: int, shift: int = 0, cut: BoolMask | None = None) -> Composite:
    """Dark rails on a light wall; inside the hole they are moved by ``shift`` pixels, or gone."""
    picture = np.full((*HOLE.shape, 3), 200, np.uint8)
    for row in rows:
        picture[row : row + 6] = 60
    if cut is not None:
        picture[cut] = 200
    moved = np.roll(picture, shift, axis=0)
    return np.where(HOLE[..., None], moved, picture)


def test_the_truth_has_no_broken_lines_and_neither_has_a_pixel_of_slack() -> None:
    truth = draw_rails(60, 90)
    assert count_broken_lines(truth, truth, HOLE) == 0
    assert count_broken_lines(truth, draw_rails(60, 90, shift=1), HOLE) == 0


def test_both_edges_of_a_rail_that_is_gone_stop_at_both_sides() -> None:
    truth = draw_rails(60, 90)
    assert count_broken_lines(truth, draw_rails(60, 90, cut=HOLE), HOLE) == 8
    assert count_broken_lines(truth, draw_rails(60, 90, shift=6), HOLE) >= 8


def test_a_rail_out_of_nowhere_counts_and_one_that_ends_in_the_truth_does_not() -> None:
    bare = draw_rails()
    stray = bare.copy()
    stray[75:81, 80:118] = 60
    assert count_broken_lines(bare, stray, HOLE) >= 2
    assert count_broken_lines(stray, stray, HOLE) == 0


def test_texture_is_no_structure() -> None:
    rng = np.random.default_rng(0)
    one, other = (rng.integers(90, 160, (*HOLE.shape, 3)).astype(np.uint8) for _ in range(2))
    assert count_broken_lines(one, np.where(HOLE[..., None], other, one), HOLE) <= 1


def test_a_hole_that_covers_nothing_or_everything_breaks_nothing() -> None:
    truth, flat = draw_rails(60), np.zeros((*HOLE.shape, 3), np.uint8)
    assert count_broken_lines(truth, flat, np.zeros_like(HOLE)) == 0
    assert count_broken_lines(truth, flat, np.ones_like(HOLE)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_silhouettes_are_one_piece_of_about_the_asked_size(seed: int) -> None:
    person = draw_silhouette(np.random.default_rng(seed), 200)
    assert cv2.connectedComponents(person.astype(np.uint8))[0] == 2
    assert 120 <= person.shape[0] <= 260
    assert 0.15 < person.mean() < 0.8
    again = draw_silhouette(np.random.default_rng(seed), 200)
    np.testing.assert_array_equal(person, again)


def test_the_photos_with_most_lines_are_chosen_and_their_holes_do_not_depend_on_the_others(
    tmp_path: Path,
) -> None:
    (tmp_path / "more").mkdir()
    for number, place in ((5, "wall"), (14, "more/railing"), (4, "stripes")):
        from_array(render_case(number)[1].truth).save(tmp_path / f"{place}.png")
    flat = np.full((300, 400, 3), 120, np.uint8)
    from_array(flat).save(tmp_path / "flat.png")
    from_array(flat[:50, :50]).save(tmp_path / "small.png")
    (tmp_path / "damaged.jpg").write_bytes(b"no photo")
    chosen = build_structure_set(tmp_path, 3, Progress())
    assert [name.split("_", 1)[1] for name, _ in chosen] == ["railing", "stripes", "wall"]
    for _, sample in chosen:
        assert SHARE[0] <= sample.hole.mean() <= SHARE[1]
    (tmp_path / "stripes.png").unlink()
    fewer = build_structure_set(tmp_path, 2, Progress())
    for (_, one), (_, other) in zip(fewer, (chosen[0], chosen[2]), strict=True):
        np.testing.assert_array_equal(one.hole, other.hole)


def test_a_folder_without_a_usable_photo_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        build_structure_set(tmp_path, 3, Progress())
