"""A run as pictures, arrays, an index and a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.colour_maps import ValueScale, colour_table
from inpaint_core.inspection.export.report import build_report, write_report
from inpaint_core.inspection.export.report_html import ChartLine, draw_chart
from inpaint_core.inspection.export.run_files import export_run
from inpaint_core.inspection.influence import (
    draw_influence,
    draw_source,
    find_influence,
    find_source,
)
from inpaint_core.inspection.map_picture import (
    MapStyle,
    add_caption,
    choose_ticks,
    draw_map,
    draw_outline,
)
from inpaint_core.inspection.placed_map import PlacedMap


def test_a_run_is_written_whole(tiled: InspectedRun, tmp_path: Path) -> None:
    files = export_run(tiled, tmp_path, ("norm", "entropy"))
    ways = ("norm", "entropy", "colours")
    maps = [f"{tap.name}-{way}.png" for tap in tiled.taps for way in ways]
    assert sorted(f.name for f in files) == sorted([*maps, "offsets.png", "maps.npz", "index.json"])
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f.name for f in files)
    for path in files:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                assert picture.width > 700
    with np.load(tmp_path / "maps.npz") as arrays:
        for number, capture in enumerate(tiled.captures):
            for name, values in capture.maps.items():
                np.testing.assert_array_equal(arrays[f"{name}/{number}"], values)
        np.testing.assert_array_equal(arrays["product/offsets"], tiled.offsets)
    index = json.loads((tmp_path / "index.json").read_text("utf-8"))
    assert [tap["name"] for tap in index["taps"]] == [tap.name for tap in tiled.taps]
    assert all((tmp_path / name).is_file() for tap in index["taps"] for name in tap["files"])
    found = tiled.measure_statistics("texture-2")
    (tap,) = (tap for tap in index["taps"] if tap["name"] == "texture-2")
    assert tap["inside"]["rms"] == found.inside.rms
    assert tap["stride"] == 4
    assert index["captures"][1]["tile"]["w"] == tiled.captures[1].place.tile.w
    assert index["seed"] == tiled.result.seed


def test_nothing_is_replaced_unasked(tiled: InspectedRun, tmp_path: Path) -> None:
    one = replace(tiled, captures=tiled.captures[:1])
    export_run(one, tmp_path)
    with pytest.raises(CannotWrite, match="exists already"):
        export_run(one, tmp_path)
    export_run(one, tmp_path, overwrite=True)
    write_report(one, tmp_path / "page.html")
    with pytest.raises(CannotWrite, match="exists already"):
        write_report(one, tmp_path / "page.html")


def test_a_picture_shows_each_pixel_of_a_map_as_a_square() -> None:
    laid = PlacedMap(
        np.array([[0, 1], [np.nan, 0.5]], np.float32), (10, 20, 30, 40), Rect(10, 20, 20, 20)
    )
    picture = draw_map(laid, MapStyle(ValueScale(0, 1), "grey"), laid.crop, 40)
    assert picture.shape == (40, 40, 3)
    assert (picture[:20, :20] == colour_table("grey")[0]).all()
    assert (picture[:20, 20:] == colour_table("grey")[-1]).all()
    assert (picture[20:, 20:] == colour_table("grey")[128]).all()
    assert (picture[20:, :20] == picture[30, 10]).all()
    half = draw_map(laid, MapStyle(ValueScale(0, 1), "grey"), Rect(20, 20, 10, 20), 40)
    assert half.shape == (40, 20, 3)
    assert (half[:20] == colour_table("grey")[-1]).all()


def test_a_colour_bar_is_beside_the_picture() -> None:
    picture = np.full((100, 100, 3), 200, np.uint8)
    plain, barred = (
        add_caption(picture, "A", look) for look in (None, MapStyle(ValueScale(0, 1), "ember"))
    )
    assert barred.width > plain.width + 16
    colours = {tuple(c) for c in np.asarray(barred)[:, plain.width - 10 :].reshape(-1, 3).tolist()}
    assert {tuple(c) for c in colour_table("ember")[[0, -1]].tolist()} <= colours


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (-3, 3, [-2, 0, 2]),
        (0.13, 0.29, [0.15, 0.2, 0.25]),
        (5, 5, [5]),
        (0, 4000, [0, 1000, 2000, 3000, 4000]),
    ],
)
def test_numbers_beside_a_bar_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert choose_ticks(ValueScale(low, high)) == pytest.approx(wanted)


def test_the_outline_follows_the_hole() -> None:
    hole = np.zeros((10, 10), bool)
    hole[3:7, 3:7] = True
    picture = draw_outline(np.full((100, 100, 3), 128, np.uint8), hole)
    assert (picture[50, 50] == 128).all()
    assert (picture[5, 5] == 128).all()
    white = np.argwhere((picture == 255).all(axis=2))
    assert np.abs(white.min(axis=0) - 30).max() <= 1
    assert np.abs(white.max(axis=0) - 69).max() <= 1


def test_pictures_of_answers(run: InspectedRun) -> None:
    found = find_influence(run, 95, 85)
    for of in ("photo", "edges"):
        assert draw_influence(run, found, of).width > 700
    source = find_source(run.result, 95, 85)
    assert source is not None
    assert draw_source(run, 95, 85).width > 700


class Reader(HTMLParser):
    """What a page needs from elsewhere, its headings and its open elements."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.images = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [v for k, v in given.items() if k in ("src", "href") and v]
        if tag == "img":
            self.images += 1
            assert given["alt"]
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v for k, v in attrs if k in ("src", "href") and v]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(run: InspectedRun) -> None:
    page = build_report(run, "a <b> & c.jpg")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert all(a.startswith("data:image/") for a in reader.addresses)
    assert "<script" not in page
    assert "a &lt;b&gt; &amp; c.jpg" in page
    for tap in run.taps:
        assert tap.name in page
    for text in ("Before", "After", "Hole", "After minus before", "canny", "Weights, SHA-256"):
        assert text in page
    assert reader.images > 2 * len(run.taps)
    assert page.count("<svg") == 9  # every part of the network with several layers


def test_a_page_without_a_network_is_about_what_there_is(run: InspectedRun) -> None:
    page = build_report(replace(run, captures=()))
    assert "Feature maps" not in page
    assert "Where each pixel was copied from" in page


def test_a_chart_leaves_out_what_is_no_number() -> None:
    drawn = draw_chart(
        ["1/2", "1/4", "1/8"], [ChartLine("inside", "#000", "", [0.0, float("nan"), 2.0])]
    )
    assert drawn.count("<circle") == 2
    numbers = [float(n) for n in re.findall(r'cy="([\d.]+)"', drawn)]
    assert numbers[0] > numbers[1]
    assert "nan" not in drawn
