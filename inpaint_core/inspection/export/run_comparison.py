"""Two runs as files: each map of both on one scale, their difference, and figures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inpaint_core.contract.progress import Progress
from inpaint_core.inspection.capture import Depth, InspectedRun
from inpaint_core.inspection.colour_maps import ValueScale, find_scale
from inpaint_core.inspection.export.run_files import UNITS, draw_run_map, encode_png
from inpaint_core.inspection.map_picture import MapStyle
from inpaint_core.inspection.placed_map import PlacedMap, subtract_maps
from inpaint_core.inspection.reduction import Reduction
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.composition import to_float

FIGURES = "difference.json"
FILL = "fill-difference.png"
_THREADS = 4
_SIDE = 512  # pixels of the longer side of each of the three pictures


@dataclass(frozen=True)
class MapDifference:
    """The mean and the largest absolute difference of two maps, and ``share``: the root mean square
    of the difference divided by that of the first map (NaN if that is 0).
    """

    mean: float
    most: float
    share: float


def measure_difference(one: Sequence[PlacedMap], other: Sequence[PlacedMap]) -> MapDifference:
    """The difference between the maps of two runs, crop by crop; NaN without common maps."""
    pairs = [(a, subtract_maps(a, b)) for a, b in zip(one, other, strict=False)]
    gaps = [d.values[np.isfinite(d.values)].astype(np.float64) for _, d in pairs]
    gap = np.abs(np.concatenate(gaps)) if gaps else np.zeros(0)
    if not gap.size:
        return MapDifference(*[math.nan] * 3)
    first = np.concatenate([a.values[np.isfinite(d.values)] for a, d in pairs]).astype(np.float64)
    size = math.sqrt(np.square(first).mean())
    rms = math.sqrt(np.square(gap).mean())
    return MapDifference(float(gap.mean()), float(gap.max()), rms / size if size > 0 else math.nan)


def fill_brightness(run: InspectedRun) -> tuple[PlacedMap, ...]:
    """The brightness of the filled pixels, [0, 1], as a map."""
    values = to_float(run.result.pixels) @ np.asarray(LUMA, np.float32)
    return (PlacedMap.on_photo(values, run.result.rect),)


def list_comparison_files(taps: Sequence[str], how: Sequence[Reduction]) -> list[str]:
    """The names of the files that `write_comparison` will write for one crop."""
    return [*(_name(tap, each, 0) for tap in taps for each in how), FILL, FIGURES]


def write_comparison(
    one: InspectedRun,
    other: InspectedRun,
    folder: Path,
    how: Sequence[Reduction] = ("norm",),
    names: tuple[str, str] = ("A", "B"),
    extra: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    depth: Depth = "whole",
    progress: Progress | None = None,
) -> list[Path]:
    """Write one PNG with ``one``, ``other`` and the difference ``other - one`` for the fill and for
    every tap that both runs have, and the figures as `FIGURES`; returns the files.

    Both maps share a scale; the difference has one that is symmetric about 0. ``names``: what the
    runs are called; ``extra``: further entries of the table. Raises `CannotWrite` and `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    made: list[Path] = []
    shared = [tap.name for tap in one.taps if tap.name in {t.name for t in other.taps}]
    tasks = [(tap, each) for tap in shared for each in how]

    def drawn(task: tuple[str, Reduction]) -> tuple[list[bytes], MapDifference]:
        progress.check()
        tap, each = task
        maps = [run.read_map(tap, each, depth=depth) for run in (one, other)]
        title = f"{one.find_tap(tap).title} ({tap})"
        pictures = _encode_triples(one, maps[0], maps[1], title, UNITS[each], names)
        return pictures, measure_difference(*maps)

    def put(name: str, content: bytes) -> None:
        with write_atomically(folder / name, overwrite) as stream:
            stream.write(content)
        made.append(folder / name)

    found: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for number, (task, (pictures, gap)) in enumerate(
            zip(tasks, pool.map(drawn, tasks), strict=True)
        ):
            progress.report(number / max(len(tasks), 1))
            for crop, content in enumerate(pictures):
                put(_name(*task, crop), content)
            found.setdefault(task[0], {})[task[1]] = _plain(gap)
    fills = fill_brightness(one), fill_brightness(other)
    for content in _encode_triples(one, *fills, "The fill", "brightness", names):
        put(FILL, content)
    table = {
        "schema": 1,
        "runs": list(names),
        **(extra or {}),
        "fill": _plain(measure_difference(*fills)),
        "taps": found,
    }
    text = json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False)
    put(FIGURES, f"{text}\n".encode("utf-8", "backslashreplace"))
    return made


def _encode_triples(
    run: InspectedRun,
    one: Sequence[PlacedMap],
    other: Sequence[PlacedMap],
    title: str,
    unit: str,
    names: tuple[str, str],
) -> list[bytes]:
    """A PNG of both maps and their difference, side by side, for each crop."""
    same = find_scale(np.concatenate([m.values.ravel() for m in (*one, *other)]), "percentile")
    gaps = [subtract_maps(a, b) for a, b in zip(one, other, strict=False)]
    apart_by = np.concatenate([np.zeros(1, np.float32), *(d.values.ravel() for d in gaps)])
    even = find_scale(apart_by, "percentile").symmetric
    even = even if even.high > 0 else ValueScale(-1.0, 1.0)
    found = []
    for parts in zip(one, other, gaps, strict=False):
        both, apart = MapStyle(same, "dusk", unit), MapStyle(even, "contrast", unit)
        titles = (f"{title}: {names[0]}", names[1], f"{names[1]} minus {names[0]}")
        sheets = [
            draw_run_map(run, placed, name, style, _SIDE)
            for placed, name, style in zip(parts, titles, (both, both, apart), strict=True)
        ]
        sheet = Image.new(
            "RGB", (sum(s.width for s in sheets), max(s.height for s in sheets)), "white"
        )
        left = 0
        for part in sheets:
            sheet.paste(part, (left, 0))
            left += part.width
        found.append(encode_png(sheet))
    return found


def _plain(gap: MapDifference) -> dict[str, float | None]:
    found = {"mean": gap.mean, "most": gap.most, "share": gap.share}
    return {k: v if math.isfinite(v) else None for k, v in found.items()}


def _name(tap: str, how: str, crop: int) -> str:
    return f"{tap}-{how}-difference{'' if crop == 0 else f'-{crop + 1}'}.png"
