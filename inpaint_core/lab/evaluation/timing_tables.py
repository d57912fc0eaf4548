"""Timings of single runs, and tables of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from inpaint_core.lab.evaluation.score_table import align_columns


@dataclass(frozen=True, slots=True)
class Measurement:
    """One engine on one picture, in a process of its own.

    In seconds: ``start`` from the start of the process to the end of its imports, ``warm_up`` to
    build the engine and fill a tiny picture (which loads compiled code), ``stages`` the rest in
    order, from decoding to encoding, each the median of the repeats. ``peak``: most bytes of
    resident memory, None if the system does not tell. ``error``: why there are no figures.
    """

    engine: str
    width: int
    height: int
    hole: int
    start: float = 0.0
    warm_up: float = 0.0
    stages: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    peak: int | None = None
    error: str | None = None

    @property
    def megapixels(self) -> float:
        """Millions of pixels of the photo."""
        return self.width * self.height / 1e6

    @property
    def work(self) -> float:
        """Seconds from decoding to encoding."""
        return sum(self.stages.values())

    @property
    def whole(self) -> float:
        """Seconds of the whole process, including its warm-up."""
        return self.start + self.warm_up + self.work

    @property
    def fill(self) -> float:
        """Seconds of work on pixels: all but reading and writing the files."""
        return self.work - sum(self.stages.get(name, 0.0) for name in ("decode", "encode"))

    def to_plain_values(self) -> dict[str, Any]:
        """The measurement and its sums as JSON values."""
        values = asdict(self) | {"stages": dict(self.stages)}
        return values | {"work": self.work, "fill": self.fill, "whole": self.whole}


def format_stage_table(measurements: Sequence[Measurement]) -> str:
    """Seconds by stage, one line per measurement."""
    stages = list(dict.fromkeys(name for m in measurements for name in m.stages))
    head = ["engine", "MP", "size", "hole px", "start", "warm-up", *stages, "whole", "peak MB"]
    cells = [head]
    for m in measurements:
        line = [m.engine, f"{m.megapixels:.2f}", f"{m.width}x{m.height}", f"{m.hole:,}"]
        if m.error is None:
            line += [f"{m.start:.2f}", f"{m.warm_up:.2f}"]
            line += [f"{m.stages[s]:.3f}" if s in m.stages else "-" for s in stages]
            line += [f"{m.whole:.2f}", _format_megabytes(m.peak)]
        cells.append(line + ["-"] * (len(head) - len(line)))
    return "\n".join([align_columns(cells), *_format_failures(measurements)])


def format_hole_table(measurements: Sequence[Measurement]) -> str:
    """Time against the size of the hole: seconds of the fill and microseconds per pixel."""
    cells = [["engine", "MP", "hole px", "fill s", "µs per px", "peak MB"]]
    for m in measurements:
        line = [m.engine, f"{m.megapixels:.2f}", f"{m.hole:,}"]
        if m.error is None:
            line += [f"{m.fill:.3f}", f"{m.fill / m.hole * 1e6:.2f}", _format_megabytes(m.peak)]
        cells.append(line + ["-"] * (6 - len(line)))
    return "\n".join([align_columns(cells), *_format_failures(measurements)])


def format_ratios(measurements: Sequence[Measurement]) -> list[str]:
    """For every input given to several engines: each one's time divided by that of the first."""
    by_input: dict[tuple[int, int, int], list[Measurement]] = {}
    for m in measurements:
        if m.error is None:
            by_input.setdefault((m.width, m.height, m.hole), []).append(m)
    lines = []
    for (width, height, hole), group in by_input.items():
        first = group[0]
        for other in group[1:]:
            lines.append(
                f"{width}x{height}, hole {hole:,}: {other.engine} / {first.engine} = "
                f"{other.fill / first.fill:.2f} in the fill, "
                f"{other.whole / first.whole:.2f} as a whole"
            )
    return lines


def _format_megabytes(peak: int | None) -> str:
    return "-" if peak is None else f"{peak / 1e6:.0f}"


def _format_failures(measurements: Sequence[Measurement]) -> list[str]:
    return [f"  {m.engine}, {m.width}x{m.height}: {m.error}" for m in measurements if m.error]
