"""Writing, shadows and cut-off parts that the tests draw are found; other regions are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_photos import draw_ground, draw_sky, draw_text
from PIL import Image

from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.selection.cast_shadow import find_cast_shadow
from inpaint_core.selection.cut_objects import find_cut_parts
from inpaint_core.selection.mark import draw_marks
from inpaint_core.selection.text_marks import find_text

SHAPE = (300, 420)
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


@pytest.mark.parametrize(
    ("text", "colour", "ground"),
    [
        ("2019 08 14", (255, 140, 40), draw_ground),
        ("SALE now", (20, 20, 30), draw_sky),
        ("Example", (255, 255, 255), draw_sky),
    ],
)
def test_writing_is_found(text: str, colour: tuple[int, int, int], ground: object) -> None:
    plain = ground(1)  # type: ignore[operator]
    assert find_text(plain) == []
    photo, letters = draw_text(plain, text, (120, 200), colour)
    drawn = draw_marks(find_text(photo), SHAPE) > 0
    assert drawn[letters].mean() > 0.9
    near = cv2.dilate(letters.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    assert not (drawn & ~near).any()
    deep = draw_marks(find_text(photo.astype(np.uint16) * 257), SHAPE) > 0
    assert deep[letters].mean() > 0.9


def test_punctuation_beside_letters_joins_their_line() -> None:
    photo = draw_sky(1)
    small_ = np.zeros(SHAPE, bool)
    photo, letters = draw_text(photo, "HELLO WORLD", (120, 200), (20, 20, 30))
    rows, columns = np.nonzero(letters)
    top, bottom, right = rows.min(), rows.max(), columns.max()
    small_[top : top + 6, right + 4 : right + 7] = True  # an apostrophe
    small_[bottom - 3 : bottom + 1, right + 4 : right + 8] = True  # and a dot
    photo[small_] = (20, 20, 30)
    (mark,) = find_text(photo)
    drawn = draw_marks([mark], SHAPE) > 0
    assert drawn[small_].mean() > 0.9
    assert drawn[letters].mean() > 0.9


def test_bars_and_a_single_disc_are_no_writing() -> None:
    photo = draw_sky(2)
    for x in range(60, 300, 20):
        photo[120:150, x : x + 6] = (40, 40, 40)
    cv2.circle(photo, (350, 60), 12, (30, 30, 30), -1)
    assert find_text(photo) == []


ON_GROUND = ((198, 209), (165, 209), (300, 165), (330, 168))


def _cast(
    photo: np.ndarray, factor: float, corners: tuple[tuple[int, int], ...] = ON_GROUND
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A photo with a box and its shadow, the box, and the shadow with its soft rim."""
    object_, shadow = np.zeros(SHAPE, bool), np.zeros(SHAPE, np.uint8)
    object_[110:210, 160:200] = True
    cv2.fillPoly(shadow, [np.array(corners)], 255)
    soft = cv2.GaussianBlur(shadow, (0, 0), 1.5)[..., None] / 255
    linear = (photo / 255.0) ** 2.2 * (1 - soft * (1 - factor))
    dark = np.round(255 * linear ** (1 / 2.2)).astype(np.uint8)
    dark[object_] = (200, 60, 50)
    return dark, object_, (soft[..., 0] > 0.1) & ~object_


@pytest.mark.parametrize("factor", [0.3, 0.55])
def test_the_shadow_beside_an_object_is_found(factor: float) -> None:
    photo, object_, shadow = _cast(draw_ground(3), factor)
    mask = cv2.dilate(object_.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
    mark = find_cast_shadow(photo, mask)
    assert mark is not None
    drawn = draw_marks([mark], SHAPE) > 0
    assert drawn[shadow & (mask == 0)].mean() > 0.97
    beyond = drawn & (cv2.dilate(shadow.astype(np.uint8), np.ones((11, 11), np.uint8)) == 0)
    assert np.count_nonzero(beyond) < 0.05 * np.count_nonzero(drawn)
    assert not drawn[mask > 127].any()


def test_the_thin_shadow_of_the_sample_photo_is_found_whole() -> None:
    photo = np.asarray(Image.open(SAMPLES / "beach.jpg").convert("RGB"))
    whole = np.asarray(Image.open(SAMPLES / "beach-mask.png").convert("L"))
    stand = whole.copy()
    stand[500:, 645:] = 0  # its shadow on the ground
    mark = find_cast_shadow(photo, stand)
    assert mark is not None
    drawn = draw_marks([mark], photo.shape[:2]) > 0
    shadow = (whole > 127) & (stand == 0)
    core = cv2.erode(shadow.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert drawn[core].mean() > 0.98
    near = cv2.dilate(shadow.astype(np.uint8), np.ones((51, 51), np.uint8)) > 0
    assert not (drawn & ~near).any()


def test_what_is_dark_beside_an_object_and_hardly_at_its_foot_is_no_shadow() -> None:
    found = []
    for top, bottom in ((104, 185), (160, 215)):
        corners = ((190, top), (250, top), (250, bottom), (190, bottom))
        photo, object_, _ = _cast(draw_ground(3), 0.5, corners)
        mask = cv2.dilate(object_.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
        found.append(find_cast_shadow(photo, mask))
    assert found[0] is None
    assert found[1] is not None


def test_without_a_shadow_none_is_proposed() -> None:
    photo, object_, _ = _cast(draw_ground(4), 1.0)
    mask = cv2.dilate(object_.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
    assert find_cast_shadow(photo, mask) is None
    assert find_cast_shadow(photo, np.zeros(SHAPE, np.uint8)) is None
    # A patch of another colour is as dark, but no shadow.
    photo[180:215, 203:280] = (150, 60, 40)
    assert find_cast_shadow(photo, mask) is None


def _object() -> tuple[np.ndarray, np.ndarray]:
    """A photo with a plain object, and where that is."""
    photo, inside = draw_ground(5), np.zeros(SHAPE, np.uint8)
    cv2.ellipse(inside, (210, 150), (90, 60), 20, 0, 360, 255, -1)
    photo[inside > 0] = (60, 80, 170)
    return photo, inside


def test_a_mask_that_cuts_through_an_object_is_noticed() -> None:
    photo, inside = _object()
    mask = inside.copy()
    mask[:, 262:] = 0  # the right part is left out
    (mark,) = find_cut_parts(photo, mask)
    drawn = draw_marks([mark], SHAPE) > 0
    left_out = (inside > 0) & (mask == 0)
    assert np.count_nonzero(drawn & left_out) / np.count_nonzero(drawn | left_out) > 0.8
    assert not drawn[mask > 127].any()


def test_what_is_added_ends_on_the_outline_of_the_object() -> None:
    photo, inside = _object()
    mask = inside.copy()
    mask[:, 250:] = 0
    drawn = draw_marks(find_cut_parts(photo, mask), SHAPE) > 0
    left_out = (inside > 0) & (mask == 0)
    assert drawn[left_out].mean() > 0.99
    near = cv2.dilate(inside, np.ones((7, 7), np.uint8)) > 0
    assert not (drawn & ~near).any()


@pytest.mark.parametrize("grown", [1, 9, 25])
def test_masks_that_cover_the_object_are_left_alone(grown: int) -> None:
    photo, inside = _object()
    box = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grown + 1, 2 * grown + 1))
    assert find_cut_parts(photo, np.asarray(cv2.dilate(inside, box), np.uint8)) == []


def test_ground_that_a_wide_mask_takes_in_is_no_cut_off_part() -> None:
    photo, inside = _object()
    mask = np.zeros(SHAPE, np.uint8)
    mask[60:240, 150:262] = 255  # of the object's middle, with ground above and below it
    drawn = draw_marks(find_cut_parts(photo, mask), SHAPE) > 0
    assert not (drawn & (cv2.dilate(inside, np.ones((7, 7), np.uint8)) == 0)).any()


def test_masks_on_plain_ground_and_whole_masks_are_left_alone() -> None:
    photo = draw_ground(6)
    mask = np.zeros(SHAPE, np.uint8)
    assert find_cut_parts(photo, mask) == []
    cv2.circle(mask, (200, 150), 60, 255, -1)
    assert find_cut_parts(photo, mask) == []
    assert find_cut_parts(photo, np.full(SHAPE, 255, np.uint8)) == []


def test_every_search_can_be_cancelled() -> None:
    photo, inside = _object()
    progress = Progress()
    progress.cancel()
    for search in (find_cast_shadow, find_cut_parts):
        with pytest.raises(Cancelled):
            search(photo, inside, progress)
    with pytest.raises(Cancelled):
        find_text(photo, progress)


def test_twigs_of_uneven_feet_or_hardly_any_width_are_no_writing() -> None:
    thin, uneven = draw_sky(3), draw_sky(4)
    for number, lean in enumerate((-9, 7, -5, 11, -7, 8)):
        x, low = 60 + 46 * number, 14 * (number % 2)
        for photo, width, foot in ((thin, 2, 0), (uneven, 4, low)):
            tall = 70 if photo is thin else 40
            base = 150 + foot
            cv2.line(photo, (x, base), (x + lean, base - tall), (30, 30, 35), width)
            cv2.line(photo, (x, base - tall // 2), (x + 14, base - tall), (30, 30, 35), width)
    assert find_text(thin) == []
    assert find_text(uneven) == []
