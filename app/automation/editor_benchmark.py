"""``lacuna --benchmark``: play scripts in an editor of its own process and compare with goals.

See “docs/play.md” for the scripts.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

from inpaint_core.contract.errors import BadRequest, InpaintError
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.score_table import align_columns

_POLL = 0.1  # s
_OPEN_PHOTOS = 7
_EVENTS = 400  # of a stroke: enough for a percentile
_SPOT = 36  # pixels across
_ROUNDS = 3  # of spots: the middle one counts

StepValues = Mapping[str, Any]
"""A step of a script, or the line that the editor printed of it."""


def run_benchmark(report: Path | None) -> int:
    """Measure the editor, print the table of `GOALS`, and write the figures to ``report`` as JSON.

    Returns the exit code: 0 also for a missed goal, as the table says so; 2 where the editor
    cannot be measured or the report not be written; 130 after Ctrl-C.
    """
    from inpaint_core.photo.atomic_file import check_destination, write_atomically

    machine = machine_load()
    try:
        if report is not None:
            check_destination(report, overwrite=True)
        figures = measure_editor(Progress(_print_progress))
        print(goals_table(figures))
        print(f"Offscreen; the ten fills are noise, inserted as results.\n{machine}".rstrip())
        if report is not None:
            content = {"command": "benchmark", "editor": figures, "machine": machine}
            with write_atomically(report, overwrite=True) as stream:
                stream.write(f"{json.dumps(content, indent=2)}\n".encode())
    except InpaintError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _print_progress(fraction: float, text: Message | None) -> None:
    print(f"{fraction:4.0%}  {text or ''}", file=sys.stderr)


def measure_editor(
    progress: Progress,
    megapixels: tuple[float, float, float, float, float] = (8.0, 12.0, 16.0, 24.0, 60.0),
    rehearse: bool = True,
) -> dict[str, float]:
    """Measure the `GOALS` with photos of these sizes; needs no screen.

    ``rehearse``: start the editor once before, because the first start after an installation also
    compiles what is imported. Raises `BadRequest` if a step fails, and `Cancelled`.
    """
    first, usual, spotted, small, large = megapixels
    with tempfile.TemporaryDirectory(prefix="lacuna-benchmark-") as name:
        folder = Path(name)
        progress.report(0.0, Message("command.starting_editor"))
        if rehearse:
            play_in_editor(folder, startup_script(), progress)
        progress.report(0.1, Message("command.measuring_editor", size=first))
        _write_photo(folder / "first.jpg", first)
        started = play_in_editor(folder, photo_script(), progress, [folder / "first.jpg"])
        figures = startup_results(*started)
        progress.report(0.2, Message("command.measuring_editor", size=usual))
        script = open_photos_script(_write_copies(folder, usual))
        figures |= open_photos_results(play_in_editor(folder, script, progress)[1])
        progress.report(0.3, Message("command.measuring_editor", size=small))
        script = painting_script("small.jpg", _write_photo(folder / "small.jpg", small), full=False)
        reports = play_in_editor(folder, script, progress)[1]
        figures["open_24"] = opening_time(reports)
        figures["first_picture"] = first_picture_time(reports)
        progress.report(0.4, Message("command.measuring_editor", size=spotted))
        size = _write_photo(folder / "spots.jpg", spotted)
        figures |= spot_results(play_in_editor(folder, spot_script("spots.jpg", size), progress)[1])
        progress.report(0.6, Message("command.measuring_editor", size=large))
        script = painting_script("large.jpg", _write_photo(folder / "large.jpg", large), full=True)
        reports = play_in_editor(folder, script, progress)[1]
        figures["open_60"] = opening_time(reports)
        return figures | painting_results(reports)


def machine_load() -> str:
    """The number of CPUs and the load average; empty if the system does not tell."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}"


def _write_photo(path: Path, megapixels: float) -> tuple[int, int]:
    """Write a photo to ``path`` and return its width and height."""
    from PIL import Image

    from inpaint_core.lab.evaluation.scenes.scene_drawing import render_landscape

    picture = Image.fromarray(render_landscape(megapixels))
    picture.save(path, quality=92)
    return picture.size


def _write_copies(folder: Path, megapixels: float) -> list[str]:
    """Write `_OPEN_PHOTOS` photos into ``folder`` and return their names."""
    names = [f"open{number}.jpg" for number in range(_OPEN_PHOTOS)]
    _write_photo(folder / names[0], megapixels)
    for name in names[1:]:
        shutil.copy(folder / names[0], folder / name)
    return names


def play_in_editor(
    folder: Path,
    script: Sequence[StepValues],
    progress: Progress,
    photos: Sequence[Path] = (),
) -> tuple[float, list[dict[str, Any]]]:
    """Play a script in a new editor that is started with ``photos``; return when it was started
    and the reports of its steps.
    """
    path = folder / "script.jsonl"
    path.write_text("\n".join(json.dumps(dict(step)) for step in script), encoding="utf-8")
    program = (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "app")
    born = time.time()
    child = subprocess.Popen(
        [*program, "--play", str(path), *map(str, photos)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    with child:
        try:
            while True:
                try:
                    out, err = child.communicate(timeout=_POLL)
                    break
                except subprocess.TimeoutExpired:
                    progress.check()
        finally:
            child.kill()
    if child.returncode != 0:
        last = (err.strip().splitlines() or [f"it ended with code {child.returncode}"])[-1]
        raise BadRequest("command.editor_not_measured", reason=last)
    return born, [json.loads(line) for line in out.splitlines()]


@dataclass(frozen=True, slots=True)
class Goal:
    """A measurement should be at most ``limit``, in ``unit``."""

    text: str
    limit: float
    unit: str


#: By name of the measurement, in the order of the table.
GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        "window": Goal("from the command to the window", 1.0, "s"),
        "photo": Goal("from the command with an 8 MP JPEG to the photo on the screen", 2.0, "s"),
        "ready": Goal("from that command to ready to fill", 4.0, "s"),
        "switch": Goal("seven 12 MP photos: to another tab, the slowest", 300.0, "ms"),
        "seven": Goal("seven 12 MP photos, open and painted on, with the engine", 1200.0, "MB"),
        "open_24": Goal("24 MP JPEG: open and painted on", 1.5, "s"),
        "open_60": Goal("60 MP JPEG: open and painted on", 4.0, "s"),
        "first_picture": Goal("24 MP, hole of 1 %: from Enter to a first picture", 1.0, "s"),
        "spot": Goal(f"16 MP: {_SPOT} px spot, Enter to filled and painted", 0.3, "s"),
        "spots": Goal("16 MP: twelve of them in one fill", 1.0, "s"),
        "fit_p50": Goal("60 MP at fit, 200 px brush: event to painted, p50", 16.0, "ms"),
        "fit_p95": Goal("60 MP at fit, 200 px brush: event to painted, p95", 16.0, "ms"),
        "actual_p50": Goal("60 MP at 100 %, 200 px brush: event to painted, p50", 16.0, "ms"),
        "actual_p95": Goal("60 MP at 100 %, 200 px brush: event to painted, p95", 16.0, "ms"),
        "undo_fit": Goal("undo of that stroke at fit", 50.0, "ms"),
        "undo_actual": Goal("undo of that stroke at 100 %", 50.0, "ms"),
        "memory": Goal("60 MP with ten fills of 1 %, without the engine", 1200.0, "MB"),
    }
)


def goals_table(figures: Mapping[str, float]) -> str:
    """A table of every goal, the measured value, and whether the goal is reached."""
    cells = [["what", "measured", "goal", "reached"]]
    for name, goal in GOALS.items():
        value = figures.get(name)
        digits = 2 if goal.unit == "s" else 1
        cells.append(
            [
                goal.text,
                "-" if value is None else f"{value:.{digits}f} {goal.unit}",
                f"{goal.limit:g} {goal.unit}",
                "-" if value is None else "yes" if value <= goal.limit else "no",
            ]
        )
    return align_columns(cells)


def startup_script() -> list[StepValues]:
    """A script that waits until the window can fill."""
    return [{"do": "memory"}, {"do": "wait", "for": "engine", "seconds": 300}, {"do": "memory"}]


def photo_script() -> list[StepValues]:
    """A script that waits until the photo is on the screen and until the window can fill."""
    waits = ({"for": "photo"}, {"for": "engine", "seconds": 300})
    return [{"do": "wait", **how} for how in waits]


def open_photos_script(names: Sequence[str]) -> list[StepValues]:
    """A script that opens these photos, paints on each, goes through all tabs, and measures the
    memory.
    """
    steps: list[StepValues] = [{"do": "wait", "for": "engine", "seconds": 300}]
    for name in names:
        steps.append({"do": "open", "path": name})
        steps.append({"do": "stroke", "points": [[20, 20], [60, 40], [30, 60]]})
    steps += [{"do": "action", "id": "window.next"} for _ in names]
    return [*steps, {"do": "memory"}]


def open_photos_results(reports: Sequence[StepValues]) -> dict[str, float]:
    """The measurements from the reports of an `open_photos_script`."""
    figures = {"switch": max(float(step["ms"]) for step in _of(reports, "action"))}
    memory = _of(reports, "memory")[0]["resident_mb"]
    return figures if memory is None else figures | {"seven": memory}


def painting_script(name: str, size: tuple[int, int], full: bool) -> list[StepValues]:
    """A script that opens the photo ``name`` of ``size`` (W, H) and paints with a 200-pixel brush.

    ``full``: also measure undo, the same at 100 %, and the memory after ten fills of 1 % each;
    otherwise, begin to fill a hole of 1 % and stop at its first picture.
    """
    width, height = size
    middle = [width / 2, height / 2]
    steps = [
        *startup_script(),
        {"do": "set", "id": "brush.units", "value": "photo"},
        {"do": "set", "id": "brush.size", "value": 200},
        {"do": "open", "path": name},
        {"do": "stroke", "points": _loop(middle, width / 3, height / 3, 20)},
    ]
    undo = {"do": "action", "id": "edit.undo"}
    if not full:
        half = width * height / 100 / 200 / 2
        ends = [[middle[0] - half, middle[1]], [middle[0] + half, middle[1]]]
        return [
            *steps,
            undo,
            {"do": "stroke", "points": ends},
            {"do": "action", "id": "fill.run"},
            {"do": "wait", "for": "preview"},
            {"do": "key", "keys": "Esc"},
        ]
    side = math.sqrt(width * height / 100)
    across = int(width // side)
    steps += [
        undo,
        {"do": "stroke", "points": _loop(middle, width / 3, height / 3, _EVENTS)},
        undo,
        {"do": "zoom", "to": 1.0, "at": middle},
        {"do": "stroke", "points": _loop(middle, 400, 250, _EVENTS)},
        undo,
        {"do": "zoom", "to": "fit"},
    ]
    for number in range(10):
        row, column = divmod(number, min(across, 5))
        rect = [int(column * side), int(row * side), int(side), int(side)]
        steps.append({"do": "stamp", "rect": rect})
    return [*steps, {"do": "memory"}]


def spot_script(name: str, size: tuple[int, int]) -> list[StepValues]:
    """A script that opens the photo ``name`` of ``size`` (W, H) and fills a spot, and twelve spots
    all over the photo, `_ROUNDS` times each.
    """
    width, height = size
    steps = [
        *startup_script(),
        {"do": "open", "path": name},
        {"do": "tool", "id": "brush", "size": _SPOT, "hardness": 100},
    ]
    grid = [((column + 0.5) / 4, (row + 0.5) / 3) for row in range(3) for column in range(4)]
    for number in range(2 * _ROUNDS):
        moved = 3 * _SPOT * (number - _ROUNDS)
        places = grid if number >= _ROUNDS else [(0.5, 0.5)]
        for x, y in places:
            at = [(x * width + moved) % width, (y * height + moved / 2) % height]
            steps.append({"do": "stroke", "points": [at]})
        steps += [{"do": "action", "id": "fill.run"}, {"do": "wait", "seconds": 300}]
    return steps


def spot_results(reports: Sequence[StepValues]) -> dict[str, float]:
    """The measurements from the reports of a `spot_script`."""
    fills, waits = _of(reports, "action"), _of(reports, "wait")[1:]
    seconds = [
        float(wait["at"] - fill["at"] + fill["ms"] / 1e3)
        for fill, wait in zip(fills, waits, strict=True)
    ]
    return {"spot": median(seconds[:_ROUNDS]), "spots": median(seconds[_ROUNDS:])}


def startup_results(born: float, reports: Sequence[StepValues]) -> dict[str, float]:
    """Start-up times from the reports of a `photo_script`; ``born`` is the time of the command."""
    shown, (photo, ready) = _of(reports, "start")[0], _of(reports, "wait")
    moments = {"window": shown, "photo": photo, "ready": ready}
    return {name: report["at"] - born for name, report in moments.items()}


def opening_time(reports: Sequence[StepValues]) -> float:
    """Seconds from the request to open the photo to the end of the first stroke on it."""
    opened, stroke = _of(reports, "open")[0], _of(reports, "stroke")[0]
    return float(stroke["at"] - opened["at"] + opened["ms"] / 1e3)


def first_picture_time(reports: Sequence[StepValues]) -> float:
    """Seconds from asking for a fill to its first picture on the screen."""
    waited = next(step for step in _of(reports, "wait") if "first_picture_ms" in step)
    return float(waited["first_picture_ms"]) / 1e3


def painting_results(reports: Sequence[StepValues]) -> dict[str, float]:
    """The measurements from the reports of a full `painting_script`."""
    strokes, undos = _of(reports, "stroke"), _of(reports, "action")
    figures = {"undo_fit": undos[1]["ms"], "undo_actual": undos[2]["ms"]}
    for name, stroke in zip(("fit", "actual"), strokes[1:], strict=True):
        # Events without a repaint have no time; with many of them the percentiles mean nothing.
        if stroke["painted"] < 0.9 * stroke["events"]:
            continue
        for part in ("p50", "p95"):
            figures[f"{name}_{part}"] = stroke[f"paint_ms_{part}"]
    memory = [step["resident_mb"] for step in _of(reports, "memory")]
    if None not in memory:
        start, ready, end = memory
        figures["memory"] = end - (ready - start)
    return figures


def _loop(middle: Sequence[float], rx: float, ry: float, count: int) -> list[list[float]]:
    turns = [2 * math.pi * number / (count - 1) for number in range(count)]
    x, y = middle
    return [[x + rx * math.cos(turn), y + ry * math.sin(turn)] for turn in turns]


def _of(reports: Sequence[StepValues], do: str) -> list[StepValues]:
    return [report for report in reports if report["do"] == do]
