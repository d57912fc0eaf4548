"""A run as files: every map as PNG and in one .npz, with an index in JSON."""

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

from inpaint_core import __version__
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import TapPoint
from inpaint_core.inspection.capture import Depth, Run
from inpaint_core.inspection.colour_maps import MapName, Spread, scale_of
from inpaint_core.inspection.map_picture import (
    LONGEST,
    Look,
    captioned,
    keyed,
    on_grey,
    outlined,
    shown,
)
from inpaint_core.inspection.placed_map import Laid
from inpaint_core.inspection.provenance import offset_colours, reach
from inpaint_core.inspection.reduction import Reduction
from inpaint_core.inspection.statistics import Region, chains
from inpaint_core.photo.atomic_file import replacing

INDEX, ARRAYS = "index.json", "maps.npz"
_MOST_THREADS = 8  # each holds the maps of one tap as float32

UNITS: dict[Reduction, str] = {
    "mean": "mean",
    "max": "largest",
    "norm": "L2 norm",
    "entropy": "bits",
    "channel": "",
}


def map_picture(
    run: Run,
    laid: Laid,
    title: str,
    look: Look | None,
    outline: bool = True,
) -> Image.Image:
    """A map of a run over its crop, with title, colour bar and the outline of the hole."""
    picture = shown(laid, look, laid.crop)
    if outline:
        picture = outlined(picture, run.hole(laid.crop))
    return captioned(picture, title, look)


def tap_look(
    maps: Sequence[Laid], how: Reduction, spread: Spread = "percentile", name: MapName = "dusk"
) -> Look:
    """How the maps of one tap are shown, all on one scale."""
    values = np.concatenate([m.values.ravel() for m in maps])
    return Look(scale_of(values, spread), name, UNITS[how])


def planned(run: Run, how: Sequence[Reduction] = ("norm",)) -> list[str]:
    """The names of the files that `export` will write."""
    crops = {tap.name: len(run.level(tap.name)) for tap in run.taps}
    maps = [_name(t, h, k) for t in crops for h in (*how, "colours") for k in range(crops[t])]
    rest = ["offsets.png"] if run.offsets is not None else []
    return [*maps, *rest, ARRAYS, INDEX]


def export(
    run: Run,
    folder: Path,
    how: Sequence[Reduction] = ("norm",),
    overwrite: bool = False,
    depth: Depth = "whole",
    progress: Progress | None = None,
) -> list[Path]:
    """Write every map of a run into a folder that exists; returns the files.

    Each tap as one PNG per way ``how`` of reducing it and one in the colours of its principal
    components, with a colour bar; all maps as they are in `ARRAYS`, by “tap/number of the
    capture”, with priors, edges, coarse picture and offsets; and `INDEX`. Each file is written
    whole or not at all. Raises `CannotWrite` and `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    made: list[Path] = []

    def put(name: str, write: Callable[[BinaryIO], object]) -> None:
        with replacing(folder / name, overwrite) as stream:
            write(stream)
        made.append(folder / name)

    files: dict[str, list[str]] = {}
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as pool:
        work = pool.map(lambda tap: _pictures(run, tap, how, depth, progress), run.taps)
        for number, (tap, pictures) in enumerate(zip(run.taps, work, strict=True)):
            progress.report(number / len(run.taps), "")
            for name, content in pictures.items():
                put(name, partial(_bytes, content))
            files[tap.name] = list(pictures)
    if run.offsets is not None:
        put("offsets.png", partial(_png, offsets_picture(run)))
    put(ARRAYS, lambda stream: np.savez(stream, **_arrays(run)))
    text = json.dumps(index(run, files, depth), indent=2, ensure_ascii=False, allow_nan=False)
    put(INDEX, lambda stream: stream.write(f"{text}\n".encode()))
    return made


def offsets_picture(
    run: Run, longest: int = LONGEST, title: str = "Where each pixel was copied from"
) -> Image.Image:
    """The offset field of a run with the key to its colours. Raises ValueError without one."""
    if run.offsets is None:
        raise ValueError("no offsets")
    rect = run.result.rect
    colours = on_grey(offset_colours(run.offsets))
    laid = Laid(
        np.asarray(colours, np.float32) / np.float32(255),
        (rect.x, rect.y, rect.right, rect.bottom),
        rect,
    )
    return keyed(shown(laid, None, rect, longest), title, reach(run.offsets))


def index(run: Run, files: dict[str, list[str]], depth: Depth = "whole") -> dict[str, Any]:
    """What a run holds, as JSON values: its maps and figures, and where each lies on the photo."""
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
        "notes": list(run.notes),
        "products": sorted(result.products),
        "captures": [
            {
                "number": number,
                "engine": capture.seen.spec.id,
                "crop": asdict(capture.place.crop),
                "size": [capture.place.width, capture.place.height],
                "tile": asdict(capture.place.tile),
                "maps": sorted(capture.maps),
            }
            for number, capture in enumerate(run.captures)
        ],
        "taps": [_tap(run, tap, files.get(tap.name, []), depth) for tap in run.taps],
        "divergence": [
            {"from": one.name, "to": other.name, "nats": _plain(value)}
            for one, other, value in divergences(run, depth)
        ],
    }


def divergences(run: Run, depth: Depth = "whole") -> list[tuple[TapPoint, TapPoint, float]]:
    """The divergence of each two layers that follow each other in one part of the network."""
    return [
        (one, other, run.divergence(one.name, other.name, depth))
        for chain in chains(run.taps)
        for one, other in pairwise(chain)
    ]


def _tap(run: Run, tap: TapPoint, files: list[str], depth: Depth) -> dict[str, Any]:
    found = run.statistics(tap.name, depth)
    return {
        "name": tap.name,
        "title": tap.title,
        "stride": tap.stride,
        "channels": tap.channels,
        "files": files,
        "inside": _region(found.inside),
        "ring": _region(found.ring),
        "outside": _region(found.outside),
        "filled": _plain(found.filled),
    }


def _region(region: Region) -> dict[str, Any]:
    return {k: _plain(v) for k, v in asdict(region).items()}


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None


def _arrays(run: Run) -> dict[str, Any]:
    maps = {
        f"{name}/{number}": values
        for number, capture in enumerate(run.captures)
        for name, values in capture.maps.items()
    }
    return {**maps, **{f"product/{name}": values for name, values in run.result.products.items()}}


def _pictures(
    run: Run, tap: TapPoint, how: Sequence[Reduction], depth: Depth, progress: Progress
) -> dict[str, bytes]:
    """The files of one tap, by name. NumPy, OpenCV and the coder let other threads work."""
    title = f"{tap.title} ({tap.name})"
    made = {}
    for each in how:
        progress.check()
        maps = run.map(tap.name, each, depth=depth)
        look = tap_look(maps, each)
        for number, laid in enumerate(maps):
            made[_name(tap.name, each, number)] = _coded(map_picture(run, laid, title, look))
    progress.check()
    for number, laid in enumerate(run.colours(tap.name, depth)):
        picture = map_picture(run, laid, f"{title}, components", None)
        made[_name(tap.name, "colours", number)] = _coded(picture)
    return made


def _coded(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    _png(picture, stream)
    return stream.getvalue()


def _bytes(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _name(tap: str, how: str, crop: int) -> str:
    return f"{tap}-{how}.png" if crop == 0 else f"{tap}-{how}-{crop + 1}.png"


def _png(picture: Image.Image, stream: BinaryIO) -> None:
    picture.save(stream, "PNG")
