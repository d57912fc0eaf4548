"""One HTML page about a fill: its input, what the network was given and computed, its result.

The page is a single file: pictures are embedded, nothing is loaded, no script is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.version import __version__
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.colour_maps import ValueScale, find_scale
from inpaint_core.inspection.export.report_html import (
    PAGE_TEMPLATE,
    ChartLine,
    draw_chart,
    embed_jpeg,
    embed_png,
    format_figure,
    format_rows,
)
from inpaint_core.inspection.export.run_files import (
    draw_offsets,
    draw_run_map,
    measure_divergences,
    tap_style,
)
from inpaint_core.inspection.map_picture import (
    MapStyle,
    add_caption,
    draw_map,
    draw_outline,
    draw_photo,
    tint_hole,
)
from inpaint_core.inspection.map_statistics import MapStatistics, find_chains
from inpaint_core.inspection.placed_map import PlacedMap
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.priors.grey import LUMA
from inpaint_core.priors.registry import priors
from inpaint_core.raster.composition import to_float

_WIDE, _SMALL = 380, 300  # pixels of the longer side of pictures
_INSIDE, _RING = "#a8480a", "#1b5fa8"  # chart colours; dashes and names differ as well


def build_report(run: InspectedRun, title: str = "") -> str:
    """The page as HTML. ``title``: the photo's name."""
    request, result = run.request, run.result
    more = max(result.rect.w, result.rect.h) // 2 + 16
    rect = result.rect.grow(more).intersect(Rect.whole(request.image.shape))
    hole = run.hole(rect)
    figures = {tap.name: run.measure_statistics(tap.name) for tap in run.taps}
    sections = [
        ("The fill", "".join(_fill_figures(run, rect, hole))),
        ("What the network was given, and made of it", "".join(_input_figures(run))),
        ("Where does the hole fill in?", "".join(_depth_charts(run, figures))),
        ("From layer to layer", _divergence_section(run)),
        ("Feature maps", "".join(_map_figures(run))),
        ("How it was done", _method_section(run)),
    ]
    body = "".join(f"<section><h2>{name}</h2>{text}</section>" for name, text in sections if text)
    heading = escape(show_name(title)) or "Fill"
    return PAGE_TEMPLATE.format(
        language="en",
        title=f"{heading}: inside the fill",
        facts=format_rows(_facts(run)),
        body=body,
    )


def write_report(run: InspectedRun, path: Path, title: str = "", overwrite: bool = False) -> None:
    """Write the page atomically. Raises `CannotWrite`."""
    content = build_report(run, title).encode()
    with write_atomically(path, overwrite) as stream:
        stream.write(content)


def _facts(run: InspectedRun) -> Iterator[tuple[str, str]]:
    result = run.result
    height, width = run.request.image.shape[:2]
    yield "Engine", f"{generator(result.engine).title} ({result.engine}) on {result.device}"
    yield "Photo", f"{width} × {height} pixels, {run.request.image.dtype.itemsize * 8} bits"
    box, count = result.rect, np.count_nonzero(run.mask.strength)
    yield "Hole", f"{count:,} pixels in {box.w} × {box.h} at x {box.x}, y {box.y}"
    yield "Seed", str(result.seed)
    yield "Weights, SHA-256", result.weights_sha256 or "none"
    yield "Program", f"Lacuna {__version__}"


def _fill_figures(run: InspectedRun, rect: Rect, hole: BoolMask) -> Iterator[str]:
    before = run.request.image
    after = run.result.applied_to(before)
    yield format_figure("Before", embed_jpeg(draw_photo(before, rect, _WIDE)))
    painted = draw_photo(before, rect, _WIDE)
    yield format_figure("Hole", embed_jpeg(draw_outline(tint_hole(painted, hole), hole)))
    yield format_figure("After", embed_jpeg(draw_photo(after, rect, _WIDE)))
    change = to_float(after[rect.slices]) - to_float(before[rect.slices])
    placed = PlacedMap.on_photo(change @ np.array(LUMA, np.float32), rect)
    style = MapStyle(find_scale(placed.values).symmetric, "contrast", "brightness")
    picture = add_caption(draw_map(placed, style, rect, _WIDE), "", style)
    yield format_figure("After minus before", embed_png(picture))


def _input_figures(run: InspectedRun) -> Iterator[str]:
    names = {name: None for capture in run.captures for name in capture.priors}
    known = priors()
    for name in names:
        for placed in run.read_prior(name)[:1]:
            yield _prior_figure(known[name].title, name, placed)
    if run.edges is not None:
        placed = PlacedMap.on_photo(run.edges, run.result.rect)
        style = MapStyle(ValueScale(0, 1), "grey", "strength")
        picture = add_caption(draw_map(placed, style, placed.crop, _SMALL), "", style)
        yield format_figure("Edges as the network completed them", embed_png(picture))
    if run.coarse is not None:
        placed = PlacedMap.on_photo(run.coarse, run.result.rect)
        text = "The network’s own picture, before real texture is copied"
        yield format_figure(text, embed_jpeg(draw_map(placed, None, placed.crop, _SMALL)))
    if run.offsets is not None:
        picture = draw_offsets(run, _SMALL, "")
        yield format_figure("Where each pixel was copied from", embed_png(picture))


def _prior_figure(title: str, name: str, placed: PlacedMap) -> str:
    style = None
    if placed.values.shape[2:] != (3,):
        if placed.values.ndim == 3:
            placed = replace(placed, values=np.abs(placed.values).max(axis=2))
        style = MapStyle(find_scale(placed.values), "grey")
    picture = add_caption(draw_map(placed, style, placed.crop, _SMALL), "", style)
    return format_figure(f"{title} ({name}), as given to the network", embed_png(picture))


def _depth_charts(run: InspectedRun, figures: dict[str, MapStatistics]) -> Iterator[str]:
    """One chart for each part of the network with several layers."""
    for chain in find_chains(run.taps):
        found = [figures[tap.name] for tap in chain]
        inside = [f.filled for f in found]
        ring = [f.relative_activity(f.ring) for f in found]
        lines = [ChartLine("inside", _INSIDE, "", inside), ChartLine("ring", _RING, "5 3", ring)]
        layers = [f"1/{tap.stride}" for tap in chain]
        part = chain[0].name.rpartition("-")[0]
        caption = f"{part}: median of the channels’ L2 norm, as a multiple of that outside"
        yield format_figure(caption, draw_chart(layers, lines), picture=False)


def _divergence_section(run: InspectedRun) -> str:
    found = measure_divergences(run)
    if not found:
        return ""
    text = (
        "<p>How differently two layers that follow each other place their activity: the"
        " Kullback-Leibler divergence D(p ‖ q) of the first from the second, in nats. 0: alike.</p>"
    )
    return text + format_rows((f"{a.name} → {b.name}", f"{value:.4f}") for a, b, value in found)


def _map_figures(run: InspectedRun) -> Iterator[str]:
    for tap in run.taps:
        maps = run.read_map(tap.name, "norm")
        style = tap_style(maps, "norm")
        for placed, colours in zip(maps, run.read_components(tap.name), strict=True):
            pair = ((placed, style), (colours, None))
            pictures = (draw_run_map(run, each, "", look, _SMALL) for each, look in pair)
            caption = f"{tap.title} ({tap.name}, {tap.channels} channels): L2 norm, and principal"
            yield format_figure(f"{caption} components", "".join(map(embed_png, pictures)))


def _method_section(run: InspectedRun) -> str:
    result = run.result
    timings = format_rows((stage, f"{seconds:.3f} s") for stage, seconds in result.timings.items())
    steps = format_rows(
        (f"Crop {k}", _describe_step(step)) for k, step in enumerate(result.plan, start=1)
    )
    notes = "".join(f"<p>{escape(str(note))}</p>" for note in run.notes)
    return f"<h3>Time</h3>{timings}<h3>Plan</h3>{steps}{notes}"


def _describe_step(step: Mapping[str, Any]) -> str:
    """One crop of the plan in words."""
    x, y, w, h = step["crop"]
    parts = [f"{step['engine']}, {w} × {h} at x {x}, y {y}", f"{step['hole_pixels']:,} to fill"]
    for level in step["levels"]:
        tiles = len(level["tiles"])
        size = f"{level['width']} × {level['height']}"
        parts.append(f"{size} in {tiles} {'tile' if tiles == 1 else 'tiles'}")
    return "; ".join(parts)
