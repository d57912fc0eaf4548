"""One page about a fill: what was there, what the network was given and computed, what came out.

The page is a single HTML file: its pictures are in it, it loads nothing and runs no script.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inpaint_core import __version__
from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import Run
from inpaint_core.inspection.colour_maps import Scale, scale_of
from inpaint_core.inspection.map_picture import Look, Rgb, captioned, outlined, photo_shown, shown
from inpaint_core.inspection.placed_map import Laid
from inpaint_core.inspection.report_charts import Line, chart
from inpaint_core.inspection.report_page import PAGE, figure, rows
from inpaint_core.inspection.run_export import divergences, offsets_picture, tap_look
from inpaint_core.inspection.statistics import Statistics, chains
from inpaint_core.photo.atomic_file import replacing
from inpaint_core.priors.grey import LUMA
from inpaint_core.priors.registry import priors
from inpaint_core.raster.composition import to_float

_WIDE, _SMALL = 380, 300  # pixels of the longer side of pictures
_INSIDE, _RING = "#a8480a", "#1b5fa8"  # of charts; told apart by their dashes and names too


def report(run: Run, title: str = "") -> str:
    """The page as HTML. ``title``: what the photo is called."""
    request, result = run.request, run.result
    more = max(result.rect.w, result.rect.h) // 2 + 16
    rect = result.rect.grow(more).intersect(Rect.whole(request.image.shape))
    hole = run.hole(rect)
    figures = {tap.name: run.statistics(tap.name) for tap in run.taps}
    sections = [
        ("The fill", "".join(_fill(run, rect, hole))),
        ("What the network was given, and made of it", "".join(_given(run))),
        ("Where does the hole fill in?", "".join(_depth(run, figures))),
        ("From layer to layer", _layers(run)),
        ("Feature maps", "".join(_maps(run))),
        ("How it was done", _how(run)),
    ]
    body = "".join(f"<section><h2>{name}</h2>{text}</section>" for name, text in sections if text)
    heading = escape(title) or "Fill"
    return PAGE.format(title=heading, facts=rows(_facts(run)), body=body)


def write_report(run: Run, path: Path, title: str = "", overwrite: bool = False) -> None:
    """Write the page, whole or not at all. Raises `CannotWrite`."""
    content = report(run, title).encode()
    with replacing(path, overwrite) as stream:
        stream.write(content)


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    result = run.result
    height, width = run.request.image.shape[:2]
    yield "Engine", f"{generator(result.engine).title} ({result.engine}) on {result.device}"
    yield "Photo", f"{width} × {height} pixels, {run.request.image.dtype.itemsize * 8} bits"
    box = result.rect
    yield (
        "Hole",
        f"{np.count_nonzero(run.mask.alpha):,} pixels in {box.w} × {box.h} at x {box.x}, y {box.y}",
    )
    yield "Seed", str(result.seed)
    yield "Weights, SHA-256", result.weights_sha256 or "none"
    yield "Program", f"Lacuna {__version__}"


def _fill(run: Run, rect: Rect, hole: BoolMask) -> Iterator[str]:
    before = run.request.image
    after = run.result.applied_to(before)
    yield figure("Before", _jpeg(photo_shown(before, rect, _WIDE)))
    painted = photo_shown(before, rect, _WIDE)
    yield figure("Hole", _jpeg(outlined(_tinted(painted, hole), hole)))
    yield figure("After", _jpeg(photo_shown(after, rect, _WIDE)))
    change = (to_float(after[rect.slices]) - to_float(before[rect.slices])) @ np.array(
        LUMA, np.float32
    )
    look = Look(scale_of(change).balanced, "contrast", "brightness")
    laid = Laid(change, (rect.x, rect.y, rect.right, rect.bottom), rect)
    yield figure("After minus before", _png(captioned(shown(laid, look, rect, _WIDE), "", look)))


def _given(run: Run) -> Iterator[str]:
    names = {name: None for capture in run.captures for name in capture.priors}
    known = priors()
    for name in names:
        for laid in run.prior(name)[:1]:
            yield _prior(known[name].title, name, laid)
    inner = run.result.rect
    extent = (inner.x, inner.y, inner.right, inner.bottom)
    if run.edges is not None:
        laid = Laid(np.asarray(run.edges, np.float32), extent, inner)
        look = Look(Scale(0, 1), "grey", "strength")
        picture = captioned(shown(laid, look, inner, _SMALL), "", look)
        yield figure("Edges as the network completed them", _png(picture))
    if run.coarse is not None:
        laid = Laid(np.asarray(run.coarse, np.float32), extent, inner)
        text = "The network’s own picture, before real texture is copied"
        yield figure(text, _jpeg(shown(laid, None, inner, _SMALL)))
    if run.offsets is not None:
        picture = offsets_picture(run, _SMALL, "")
        yield figure("Where each pixel was copied from", _png(picture))


def _prior(title: str, name: str, laid: Laid) -> str:
    values = laid.values
    caption = f"{title} ({name}), as given to the network"
    if values.ndim == 3 and values.shape[2] == 3:
        return figure(caption, _png(captioned(shown(laid, None, laid.crop, _SMALL), "")))
    if values.ndim == 3:
        laid = Laid(np.abs(values).max(axis=2), laid.extent, laid.crop)
    look = Look(scale_of(laid.values), "grey")
    return figure(caption, _png(captioned(shown(laid, look, laid.crop, _SMALL), "", look)))


def _depth(run: Run, figures: dict[str, Statistics]) -> Iterator[str]:
    """A chart for each part of the network that has several layers."""
    for chain in chains(run.taps):
        found = [figures[tap.name] for tap in chain]
        inside = [f.filled for f in found]
        ring = [f.lively(f.ring) for f in found]
        lines = [Line("inside", _INSIDE, "", inside), Line("ring", _RING, "5 3", ring)]
        layers = [f"1/{tap.stride}" for tap in chain]
        part = chain[0].name.rpartition("-")[0]
        caption = f"{part}: median of the channels’ L2 norm, as a multiple of that outside"
        yield figure(caption, chart(layers, lines), picture=False)


def _layers(run: Run) -> str:
    found = divergences(run)
    if not found:
        return ""
    text = (
        "<p>How differently two layers that follow each other place their activity: the"
        " Kullback-Leibler divergence D(p ‖ q) of the first from the second, in nats. 0: alike.</p>"
    )
    return text + rows((f"{a.name} → {b.name}", f"{value:.4f}") for a, b, value in found)


def _maps(run: Run) -> Iterator[str]:
    for tap in run.taps:
        maps = run.map(tap.name, "norm")
        look = tap_look(maps, "norm")
        for laid, colours in zip(maps, run.colours(tap.name), strict=True):
            pair = (
                captioned(_outlined(run, shown(laid, look, laid.crop, _SMALL), laid), "", look),
                captioned(_outlined(run, shown(colours, None, laid.crop, _SMALL), laid), ""),
            )
            pictures = "".join(_png(each) for each in pair)
            yield figure(_named(tap), pictures)


def _named(tap: TapPoint) -> str:
    return f"{tap.title} ({tap.name}, {tap.channels} channels): L2 norm, and principal components"


def _outlined(run: Run, picture: Rgb, laid: Laid) -> Rgb:
    return outlined(picture, run.hole(laid.crop))


def _how(run: Run) -> str:
    result = run.result
    timings = rows((stage, f"{seconds:.3f} s") for stage, seconds in result.timings.items())
    steps = rows((f"Crop {k}", _step(step)) for k, step in enumerate(result.plan, start=1))
    notes = "".join(f"<p>{escape(note)}</p>" for note in run.notes)
    return f"<h3>Time</h3>{timings}<h3>Plan</h3>{steps}{notes}"


def _step(step: Mapping[str, Any]) -> str:
    """One crop of the plan in words."""
    x, y, w, h = step["crop"]
    said = [f"{step['engine']}, {w} × {h} at x {x}, y {y}", f"{step['hole_pixels']:,} to fill"]
    for level in step["levels"]:
        tiles = len(level["tiles"])
        size = f"{level['width']} × {level['height']}"
        said.append(f"{size} in {tiles} {'tile' if tiles == 1 else 'tiles'}")
    return "; ".join(said)


def _tinted(picture: Rgb, hole: BoolMask) -> Rgb:
    """The picture with the hole in a colour that photos seldom have."""
    size = (picture.shape[1], picture.shape[0])
    mask = np.asarray(Image.fromarray(hole).resize(size, Image.Resampling.NEAREST))
    out = picture.copy()
    out[mask] = np.rint(out[mask] * 0.4 + np.array((255, 0, 200)) * 0.6).astype(np.uint8)
    return out


def _png(picture: Image.Image) -> str:
    return _image(picture, "PNG")


def _jpeg(picture: Rgb) -> str:
    return _image(Image.fromarray(picture), "JPEG")


def _image(picture: Image.Image, kind: str) -> str:
    stream = io.BytesIO()
    picture.save(stream, kind, **({"quality": 90} if kind == "JPEG" else {}))
    content = base64.b64encode(stream.getvalue()).decode()
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<img {size} alt="" src="data:image/{kind.lower()};base64,{content}">'


__all__: Sequence[str] = ["report", "write_report"]
