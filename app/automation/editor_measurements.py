"""What the editor is to reach, scripts that measure it, and a table of what they showed.

The scripts are played by the editor in a process of its own: see “docs/play.md”.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from inpaint_core.lab.evaluation.score_table import aligned

Step = Mapping[str, Any]
"""A step of a script, or the line that the editor printed of it."""
_EVENTS = 400  # of a stroke: enough for a percentile


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: at most ``limit``, in ``unit``."""

    text: str
    limit: float
    unit: str


#: By the name of the measurement, in the order of the table.
GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        "window": Goal("from the command to the window", 1.0, "s"),
        "ready": Goal("from the window to ready to fill", 4.0, "s"),
        "open_24": Goal("24 MP JPEG: open and painted on", 1.5, "s"),
        "open_60": Goal("60 MP JPEG: open and painted on", 4.0, "s"),
        "fit_p50": Goal("60 MP at fit, 200 px brush: event to painted, p50", 16.0, "ms"),
        "fit_p95": Goal("60 MP at fit, 200 px brush: event to painted, p95", 16.0, "ms"),
        "actual_p50": Goal("60 MP at 100 %, 200 px brush: event to painted, p50", 16.0, "ms"),
        "actual_p95": Goal("60 MP at 100 %, 200 px brush: event to painted, p95", 16.0, "ms"),
        "undo_fit": Goal("undo of that stroke at fit", 50.0, "ms"),
        "undo_actual": Goal("undo of that stroke at 100 %", 50.0, "ms"),
        "memory": Goal("60 MP with ten fills of 1 %, without the engine", 1200.0, "MB"),
    }
)


def desk_table(found: Mapping[str, float]) -> str:
    """Every goal with the measured value, and whether it is reached."""
    cells = [["what", "measured", "goal", "reached"]]
    for name, goal in GOALS.items():
        value = found.get(name)
        digits = 2 if goal.unit == "s" else 1
        cells.append(
            [
                goal.text,
                "-" if value is None else f"{value:.{digits}f} {goal.unit}",
                f"{goal.limit:g} {goal.unit}",
                "-" if value is None else "yes" if value <= goal.limit else "no",
            ]
        )
    return aligned(cells)


def startup_script() -> list[Step]:
    """Wait until the window can fill."""
    return [{"do": "memory"}, {"do": "wait", "for": "engine", "seconds": 300}, {"do": "memory"}]


def painting_script(name: str, size: tuple[int, int], full: bool) -> list[Step]:
    """Open the photo ``name`` of ``size`` (W, H) and paint on it with a brush of 200 pixels.

    ``full``: also undo, the same at 100 %, and the memory that ten fills of 1 % leave behind.
    """
    width, height = size
    middle = [width / 2, height / 2]
    steps = [
        *startup_script(),
        {"do": "set", "id": "brush.size", "value": 200},
        {"do": "open", "path": name},
        {"do": "stroke", "points": _loop(middle, width / 3, height / 3, 20)},
    ]
    if not full:
        return steps
    undo = {"do": "action", "id": "edit.undo"}
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


def startup_found(born: float, reports: Sequence[Step]) -> dict[str, float]:
    """What any of the scripts showed of the start; ``born`` is when the command was given."""
    shown, ready = _of(reports, "start")[0]["at"], _of(reports, "wait")[0]["at"]
    return {"window": shown - born, "ready": ready - shown}


def opened_found(reports: Sequence[Step]) -> float:
    """Seconds from asking for the photo to the end of the first stroke on it."""
    opened, stroke = _of(reports, "open")[0], _of(reports, "stroke")[0]
    return float(stroke["at"] - opened["at"] + opened["ms"] / 1e3)


def painting_found(reports: Sequence[Step]) -> dict[str, float]:
    """What playing the full `painting_script` showed."""
    strokes, undos = _of(reports, "stroke"), _of(reports, "action")
    found = {"undo_fit": undos[1]["ms"], "undo_actual": undos[2]["ms"]}
    for name, stroke in zip(("fit", "actual"), strokes[1:], strict=True):
        # Events that nothing was painted for have no time: few of them, or it says nothing.
        if stroke["painted"] < 0.9 * stroke["events"]:
            continue
        for part in ("p50", "p95"):
            found[f"{name}_{part}"] = stroke[f"paint_ms_{part}"]
    held = [step["resident_mb"] for step in _of(reports, "memory")]
    if None not in held:
        start, ready, end = held
        found["memory"] = end - (ready - start)
    return found


def _loop(middle: Sequence[float], rx: float, ry: float, count: int) -> list[list[float]]:
    turns = [2 * math.pi * number / (count - 1) for number in range(count)]
    x, y = middle
    return [[x + rx * math.cos(turn), y + ry * math.sin(turn)] for turn in turns]


def _of(reports: Sequence[Step], do: str) -> list[Step]:
    return [report for report in reports if report["do"] == do]
