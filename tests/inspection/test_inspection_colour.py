"""Colour maps: even steps, one direction of lightness, and what is shown of values."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import skimage.color

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.request import InpaintResult
from inpaint_core.inspection.colour_maps import (
    MapName,
    ValueScale,
    colour_table,
    draw_offset_wheel,
    find_scale,
    offset_reach,
    paint_offsets,
    paint_values,
)
from inpaint_core.inspection.influence import find_source

# What the three kinds of dichromats see of linear RGB. Source: Viénot, Brettel, Mollon 1999 (red,
# green); the blue row as a plain loss of the S cone is not needed to tell lightness.
PROTAN = np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.0040, -0.0040, 1]])
DEUTAN = np.array([[0.2927, 0.7073, 0], [0.2927, 0.7073, 0], [-0.0223, 0.0223, 1]])


def lab(colours: np.ndarray) -> np.ndarray:
    return np.asarray(skimage.color.rgb2lab(colours[None] / 255)[0])


@pytest.mark.parametrize("name", get_args(MapName))
def test_steps_look_even(name: MapName) -> None:
    """Measured in another space than the one they were made in: CIEDE2000 over every 15th step. It
    is strict about the first trace of colour beside grey, so the middle of "contrast" is longest.
    """
    steps = lab(colour_table(name)[::15])
    apart = skimage.color.deltaE_ciede2000(steps[1:], steps[:-1])  # type: ignore[no-untyped-call]
    assert apart.min() > 0.55 * np.median(apart)
    assert apart.max() < 2.4 * np.median(apart)


@pytest.mark.parametrize("name", get_args(MapName))
@pytest.mark.parametrize("seen", [np.eye(3), PROTAN, DEUTAN], ids=["all", "protan", "deutan"])
def test_lightness_alone_tells_values(name: MapName, seen: np.ndarray) -> None:
    colours = colour_table(name) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    shown = np.clip(linear @ seen.T, 0, 1)
    light = (shown @ [0.2126, 0.7152, 0.0722])[::8]
    rising = np.diff(light) > 0
    if name == "contrast":
        half = len(light) // 2
        assert rising[: half - 1].all()
        assert not rising[half + 1 :].any()
    else:
        assert rising.all()


def test_the_middle_of_a_difference_is_neutral() -> None:
    middle = lab(colour_table("contrast")[127:129])
    assert np.abs(middle[:, 1:]).max() < 3
    ends = lab(colour_table("contrast")[[0, -1]])
    assert abs(ends[0, 0] - ends[1, 0]) < 6


def test_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour_table("dusk")[0] = 0


def test_scales() -> None:
    values = np.append(np.arange(101.0), [np.nan, np.inf])
    assert find_scale(values) == ValueScale(0, 100)
    assert find_scale(values, "percentile", 5) == ValueScale(5, 95)
    assert find_scale(np.array([np.nan])) == ValueScale(0, 0)
    assert ValueScale(-1, 3).symmetric == ValueScale(-3, 3)
    np.testing.assert_allclose(
        ValueScale(10, 20).normalise(np.array([0, 10, 15, 99])), [0, 0, 0.5, 1]
    )
    assert ValueScale(2, 2).normalise(np.array([7.0])) == 0


def test_what_has_no_value_is_transparent() -> None:
    picture = paint_values(np.array([[0.0, np.nan, 1.0]]), ValueScale(0, 1), "grey")
    assert picture[0, :, 3].tolist() == [255, 0, 255]
    assert picture[0, 0, :3].tolist() == colour_table("grey")[0].tolist()
    assert picture[0, 2, :3].tolist() == colour_table("grey")[-1].tolist()


# How those without one kind of cones see linear sRGB. Source: Machado, Oliveira, Fernandes, "A
# physiologically-based model for simulation of color vision deficiency" (TVCG 2009), severity 1.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no long": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no middle": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no short": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.mark.parametrize("eyes", EYES)
def test_all_eyes_tell_directions_and_distances_of_offsets_apart(eyes: str) -> None:
    angles = np.arange(16) * np.pi / 8
    field = np.zeros((2, 16, 2), np.int32)
    for row, length in enumerate((100, 40)):
        field[row, :, 0] = np.rint(length * np.sin(angles))
        field[row, :, 1] = np.rint(length * np.cos(angles))
    shown = paint_offsets(field)[..., :3] / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(EYES[eyes]).T, 0, 1)
    found = lab(np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055) * 255)
    rim = found[0]
    apart = np.linalg.norm(rim[:, None] - rim[None], axis=2)
    others = ~np.eye(16, dtype=bool)
    assert apart[others].min() > 6
    nearest = np.argsort(np.where(others, apart, np.inf), axis=1)[:, 0]
    assert set((nearest - np.arange(16)) % 16) <= {1, 15}
    assert np.linalg.norm(rim - found[1], axis=1).min() > 6


def test_offsets_have_a_key_that_holds_beyond_its_rim() -> None:
    field = np.zeros((1, 5, 2), np.int32)
    field[0, :4] = [(0, 10), (0, 100), (0, -100), (-100, 0)]
    assert offset_reach(field) == 100
    colours = paint_offsets(field)
    assert colours[0, :, 3].tolist() == [255, 255, 255, 255, 0]
    near, right, left, up = colours[0, :4, :3].astype(int)
    assert right[0] > right[2] + 80  # orange
    assert left[2] > left[0] + 80  # blue
    assert lab(up[None] / 1.0)[0, 0] > lab(near[None] / 1.0)[0, 0] + 10
    assert np.ptp(near) < np.ptp(right) / 4
    np.testing.assert_array_equal(paint_offsets(field, 50)[0, 1], colours[0, 1])


def test_the_wheel_has_the_colours_of_the_field() -> None:
    key = draw_offset_wheel(100)
    assert key[0, 0, 3] == 0
    field = np.array([[[-30, 40]]], np.int32)
    np.testing.assert_array_equal(key[20, 90], paint_offsets(field, 50)[0, 0])


def test_the_source_of_a_pixel() -> None:
    offsets = np.zeros((2, 3, 2), np.int32)
    offsets[1, 2] = (-5, 7)
    result = InpaintResult(
        Rect(10, 20, 3, 2),
        np.zeros((2, 3, 3), np.uint8),
        np.full((2, 3), 255, np.uint8),
        "exemplar",
        0,
        "cpu",
        products={"offsets": offsets},
    )
    assert find_source(result, 12, 21) == (19, 16)
    assert find_source(result, 10, 20) is None
    assert find_source(result, 13, 21) is None
