"""Two runs as files: each map of both on one scale, their difference, and figures of it."""

from __future__ import annotations

import io
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
from inpaint_core.inspection.capture import Depth, Run
from inpaint_core.inspection.colour_maps import Scale, scale_of
from inpaint_core.inspection.difference import difference
from inpaint_core.inspection.map_picture import Look, captioned, outlined, shown
from inpaint_core.inspection.placed_map import Laid
from inpaint_core.inspection.reduction import Reduction
from inpaint_core.inspection.run_export import UNITS
from inpaint_core.photo.atomic_file import replacing
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.composition import to_float

TABLE = "difference.json"
FILL = "fill-difference.png"
_THREADS = 4
_SIDE = 512  # pixels of the longer side of each of the three pictures


@dataclass(frozen=True)
class Apart:
    """How far two maps are apart: the mean and the largest absolute difference, and ``share``, the
    root mean square of the difference divided by that of the first map (NaN where that is 0).
    """

    mean: float
    most: float
    share: float


def apart(one: Sequence[Laid], other: Sequence[Laid]) -> Apart:
    """How far the maps of two runs are apart, crop by crop; NaN where there is none of both."""
    pairs = [(a, difference(a, b)) for a, b in zip(one, other, strict=False)]
    gaps = [d.values[np.isfinite(d.values)].astype(np.float64) for _, d in pairs]
    gap = np.abs(np.concatenate(gaps)) if gaps else np.zeros(0)
    if not gap.size:
        return Apart(*[math.nan] * 3)
    first = np.concatenate([a.values[np.isfinite(d.values)] for a, d in pairs]).astype(np.float64)
    size = math.sqrt(np.square(first).mean())
    rms = math.sqrt(np.square(gap).mean())
    return Apart(float(gap.mean()), float(gap.max()), rms / size if size > 0 else math.nan)


def fill_of(run: Run) -> tuple[Laid, ...]:
    """The brightness of the filled pixels, [0, 1], as a map."""
    rect = run.result.rect
    values = to_float(run.result.pixels) @ np.asarray(LUMA, np.float32)
    return (Laid(values, (rect.x, rect.y, rect.right, rect.bottom), rect),)


def planned(taps: Sequence[str], how: Sequence[Reduction]) -> list[str]:
    """The names of the files that `write_versus` will write for one crop."""
    return [*(_name(tap, each, 0) for tap in taps for each in how), FILL, TABLE]


def write_versus(
    one: Run,
    other: Run,
    folder: Path,
    how: Sequence[Reduction] = ("norm",),
    words: tuple[str, str] = ("A", "B"),
    said: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    depth: Depth = "whole",
    progress: Progress | None = None,
) -> list[Path]:
    """Write for every tap that both runs have, and for the fill, one PNG with ``one``, ``other``
    and the difference ``other - one``, and `TABLE` with the figures; returns the files.

    Both maps are on one scale and the difference on one that is even about 0. ``words`` are what
    the runs are called, ``said`` what else the table is to hold. Raises `CannotWrite`, `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    made: list[Path] = []
    names = [tap.name for tap in one.taps if tap.name in {t.name for t in other.taps}]
    tasks = [(tap, each) for tap in names for each in how]

    def drawn(task: tuple[str, Reduction]) -> tuple[list[bytes], Apart]:
        progress.check()
        tap, each = task
        maps = [run.map(tap, each, depth=depth) for run in (one, other)]
        title = f"{one.tap(tap).title} ({tap})"
        return _pictures(one, maps[0], maps[1], title, UNITS[each], words), apart(*maps)

    def put(name: str, content: bytes) -> None:
        with replacing(folder / name, overwrite) as stream:
            stream.write(content)
        made.append(folder / name)

    found: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for number, (task, (pictures, gap)) in enumerate(
            zip(tasks, pool.map(drawn, tasks), strict=True)
        ):
            progress.report(number / max(len(tasks), 1), "")
            for crop, content in enumerate(pictures):
                put(_name(*task, crop), content)
            found.setdefault(task[0], {})[task[1]] = _plain(gap)
    fills = fill_of(one), fill_of(other)
    for content in _pictures(one, *fills, "The fill", "brightness", words):
        put(FILL, content)
    table = {
        "schema": 1,
        "runs": list(words),
        **(said or {}),
        "fill": _plain(apart(*fills)),
        "taps": found,
    }
    text = json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False)
    put(TABLE, f"{text}\n".encode())
    return made


def _pictures(
    run: Run,
    one: Sequence[Laid],
    other: Sequence[Laid],
    title: str,
    unit: str,
    words: tuple[str, str],
) -> list[bytes]:
    """For each crop a PNG of both maps and their difference, side by side."""
    same = scale_of(np.concatenate([m.values.ravel() for m in (*one, *other)]), "percentile")
    gaps = [difference(a, b) for a, b in zip(one, other, strict=False)]
    apart_by = np.concatenate([np.zeros(1, np.float32), *(d.values.ravel() for d in gaps)])
    even = scale_of(apart_by, "percentile").balanced
    even = even if even.high > 0 else Scale(-1.0, 1.0)
    found = []
    for parts in zip(one, other, gaps, strict=False):
        looks = (Look(same, "dusk", unit), Look(same, "dusk", unit), Look(even, "contrast", unit))
        names = (f"{title}: {words[0]}", words[1], f"{words[1]} minus {words[0]}")
        sheets = []
        for laid, look, name in zip(parts, looks, names, strict=True):
            picture = shown(laid, look, laid.crop, _SIDE)
            sheets.append(captioned(outlined(picture, run.hole(laid.crop)), name, look))
        sheet = Image.new(
            "RGB", (sum(s.width for s in sheets), max(s.height for s in sheets)), "white"
        )
        left = 0
        for part in sheets:
            sheet.paste(part, (left, 0))
            left += part.width
        stream = io.BytesIO()
        sheet.save(stream, "PNG")
        found.append(stream.getvalue())
    return found


def _plain(gap: Apart) -> dict[str, float | None]:
    found = {"mean": gap.mean, "most": gap.most, "share": gap.share}
    return {k: v if math.isfinite(v) else None for k, v in found.items()}


def _name(tap: str, how: str, crop: int) -> str:
    return f"{tap}-{how}-difference{'' if crop == 0 else f'-{crop + 1}'}.png"
