"""A run as files: every map as PNG and in one .npz, with a JSON index."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import TapPoint
from inpaint_core.contract.version import __version__
from inpaint_core.inspection.capture import Depth, InspectedRun
from inpaint_core.inspection.colour_maps import (
    MapName,
    ScaleEnds,
    find_scale,
    offset_reach,
    paint_offsets,
)
from inpaint_core.inspection.map_picture import (
    LONGEST,
    MapStyle,
    add_caption,
    add_offset_key,
    draw_map,
    draw_outline,
    lay_on_grey,
)
from inpaint_core.inspection.map_statistics import RegionStatistics, find_chains
from inpaint_core.inspection.placed_map import PlacedMap
from inpaint_core.inspection.reduction import Reduction
from inpaint_core.photo.atomic_file import write_atomically

INDEX, ARRAYS = "index.json", "maps.npz"
_MOST_THREADS = 8  # each holds one tap's maps as float32

UNITS: dict[Reduction, str] = {
    "mean": "mean",
    "max": "largest",
    "norm": "L2 norm",
    "entropy": "bits",
    "channel": "",
}


def draw_run_map(
    run: InspectedRun, placed: PlacedMap, title: str, style: MapStyle | None, longest: int = LONGEST
) -> Image.Image:
    """A map of a run over its crop, with title, colour bar and the hole's outline."""
    picture = draw_map(placed, style, placed.crop, longest)
    return add_caption(draw_outline(picture, run.hole(placed.crop)), title, style)


def tap_style(
    maps: Sequence[PlacedMap],
    how: Reduction,
    spread: ScaleEnds = "percentile",
    name: MapName = "dusk",
) -> MapStyle:
    """The style of one tap's maps: all share one scale."""
    values = np.concatenate([m.values.ravel() for m in maps])
    return MapStyle(find_scale(values, spread), name, UNITS[how])


def export_run(
    run: InspectedRun,
    folder: Path,
    how: Sequence[Reduction] = ("norm",),
    overwrite: bool = False,
    depth: Depth = "whole",
    progress: Progress | None = None,
) -> list[Path]:
    """Write every map of a run into an existing folder; returns the files.

    Each tap becomes one PNG per reduction in ``how``, with a colour bar, and one of its principal
    components. `ARRAYS` holds all maps by “tap/number of the capture”, with priors, edges, coarse
    picture and offsets; `INDEX` describes everything. Each file is written atomically. Raises
    `CannotWrite` and `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    made: list[Path] = []

    def put(name: str, write: Callable[[BinaryIO], object]) -> None:
        with write_atomically(folder / name, overwrite) as stream:
            write(stream)
        made.append(folder / name)

    files: dict[str, list[str]] = {}
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as pool:
        work = pool.map(lambda tap: _encode_tap(run, tap, how, depth, progress), run.taps)
        for number, (tap, pictures) in enumerate(zip(run.taps, work, strict=True)):
            progress.report(number / len(run.taps))
            for name, content in pictures.items():
                put(name, partial(_write, content))
            files[tap.name] = list(pictures)
    if run.offsets is not None:
        put("offsets.png", partial(_write, encode_png(draw_offsets(run))))
    put(ARRAYS, lambda stream: np.savez(stream, **_collect_arrays(run)))
    text = json.dumps(
        describe_run(run, files, depth), indent=2, ensure_ascii=False, allow_nan=False
    )
    put(INDEX, partial(_write, f"{text}\n".encode("utf-8", "backslashreplace")))
    return made


def draw_offsets(
    run: InspectedRun, longest: int = LONGEST, title: str = "Where each pixel was copied from"
) -> Image.Image:
    """The offset field of a run with its colour wheel. Raises ValueError if it has none."""
    if run.offsets is None:
        raise ValueError("no offsets")
    rect = run.result.rect
    colours = lay_on_grey(paint_offsets(run.offsets))
    placed = PlacedMap.on_photo(np.asarray(colours, np.float32) / np.float32(255), rect)
    return add_offset_key(draw_map(placed, None, rect, longest), title, offset_reach(run.offsets))


def describe_run(
    run: InspectedRun, files: dict[str, list[str]], depth: Depth = "whole"
) -> dict[str, Any]:
    """A run as JSON values: its maps and figures, and where each lies on the photo."""
    result = run.result
    return {
        "schema": 1,
        "program": f"lacuna-photo {__version__}",
        "engine": result.engine,
        "device": result.device,
        "seed": result.seed,
        "weights_sha256": result.weights_sha256,
        "rect": asdict(result.rect),
        "timings": {k: round(v, 4) for k, v in result.timings.items()},
        "plan": [dict(step) for step in result.plan],
        "notes": list(map(str, run.notes)),
        "products": sorted(result.products),
        "captures": [
            {
                "number": number,
                "engine": capture.generator_pass.spec.id,
                "crop": asdict(capture.place.crop),
                "size": [capture.place.width, capture.place.height],
                "tile": asdict(capture.place.tile),
                "maps": sorted(capture.maps),
            }
            for number, capture in enumerate(run.captures)
        ],
        "taps": [_describe_tap(run, tap, files.get(tap.name, []), depth) for tap in run.taps],
        "divergence": [
            {"from": one.name, "to": other.name, "nats": _plain(value)}
            for one, other, value in measure_divergences(run, depth)
        ],
    }


def measure_divergences(
    run: InspectedRun, depth: Depth = "whole"
) -> list[tuple[TapPoint, TapPoint, float]]:
    """The divergence between consecutive layers of each part of the network."""
    return [
        (one, other, run.measure_divergence(one.name, other.name, depth))
        for chain in find_chains(run.taps)
        for one, other in pairwise(chain)
    ]


def _describe_tap(
    run: InspectedRun, tap: TapPoint, files: list[str], depth: Depth
) -> dict[str, Any]:
    found = run.measure_statistics(tap.name, depth)
    return {
        "name": tap.name,
        "title": tap.title,
        "stride": tap.stride,
        "channels": tap.channels,
        "files": files,
        "inside": _describe_region(found.inside),
        "ring": _describe_region(found.ring),
        "outside": _describe_region(found.outside),
        "filled": _plain(found.filled),
    }


def _describe_region(region: RegionStatistics) -> dict[str, Any]:
    return {k: _plain(v) for k, v in asdict(region).items()}


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None


def _collect_arrays(run: InspectedRun) -> dict[str, Any]:
    maps = {
        f"{name}/{number}": values
        for number, capture in enumerate(run.captures)
        for name, values in capture.maps.items()
    }
    return {**maps, **{f"product/{name}": values for name, values in run.result.products.items()}}


def _encode_tap(
    run: InspectedRun, tap: TapPoint, how: Sequence[Reduction], depth: Depth, progress: Progress
) -> dict[str, bytes]:
    """The files of one tap, by name. NumPy, OpenCV and the PNG encoder release the GIL."""
    title = f"{tap.title} ({tap.name})"
    made = {}
    for each in how:
        progress.check()
        maps = run.read_map(tap.name, each, depth=depth)
        style = tap_style(maps, each)
        for number, placed in enumerate(maps):
            picture = draw_run_map(run, placed, title, style)
            made[_name(tap.name, each, number)] = encode_png(picture)
    progress.check()
    for number, placed in enumerate(run.read_components(tap.name, depth)):
        picture = draw_run_map(run, placed, f"{title}, components", None)
        made[_name(tap.name, "colours", number)] = encode_png(picture)
    return made


def encode_png(picture: Image.Image) -> bytes:
    """The picture as the bytes of a PNG file."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def _write(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _name(tap: str, how: str, crop: int) -> str:
    return f"{tap}-{how}.png" if crop == 0 else f"{tap}-{how}-{crop + 1}.png"
