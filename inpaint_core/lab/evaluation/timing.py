"""What one run took, and tables of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from inpaint_core.lab.evaluation.score_table import aligned


@dataclass(frozen=True, slots=True)
class Measurement:
    """One engine on one picture, in a process of its own.

    Seconds: ``start`` from the process's birth to the end of its imports, ``warm_up`` to build
    the engine and fill a tiny picture (compiled code is loaded there), ``stages`` the rest in the
    order it happened, from decoding to encoding, each the median of the repeats. ``peak`` bytes
    of resident memory at most, None where the system does not say. ``error`` says why there is
    nothing else.
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
        """Seconds of the whole process, its warm-up included."""
        return self.start + self.warm_up + self.work

    @property
    def fill(self) -> float:
        """Seconds of the work on pixels: all but reading and writing the files."""
        return self.work - sum(self.stages.get(name, 0.0) for name in ("decode", "encode"))

    def plain(self) -> dict[str, Any]:
        """The measurement as JSON values, with its sums."""
        values = asdict(self) | {"stages": dict(self.stages)}
        return values | {"work": self.work, "fill": self.fill, "whole": self.whole}


def stage_table(measurements: Sequence[Measurement]) -> str:
    """Seconds by stage, one line per measurement."""
    stages = list(dict.fromkeys(name for m in measurements for name in m.stages))
    head = ["engine", "MP", "size", "hole px", "start", "warm-up", *stages, "whole", "peak MB"]
    cells = [head]
    for m in measurements:
        line = [m.engine, f"{m.megapixels:.2f}", f"{m.width}x{m.height}", f"{m.hole:,}"]
        if m.error is None:
            line += [f"{m.start:.2f}", f"{m.warm_up:.2f}"]
            line += [f"{m.stages[s]:.3f}" if s in m.stages else "-" for s in stages]
            line += [f"{m.whole:.2f}", _megabytes(m.peak)]
        cells.append(line + ["-"] * (len(head) - len(line)))
    return "\n".join([aligned(cells), *_failures(measurements)])


def hole_table(measurements: Sequence[Measurement]) -> str:
    """Time against the size of the hole: seconds of the fill and microseconds per pixel."""
    cells = [["engine", "MP", "hole px", "fill s", "µs per px", "peak MB"]]
    for m in measurements:
        line = [m.engine, f"{m.megapixels:.2f}", f"{m.hole:,}"]
        if m.error is None:
            line += [f"{m.fill:.3f}", f"{m.fill / m.hole * 1e6:.2f}", _megabytes(m.peak)]
        cells.append(line + ["-"] * (6 - len(line)))
    return "\n".join([aligned(cells), *_failures(measurements)])


def ratios(measurements: Sequence[Measurement]) -> list[str]:
    """For every input that several engines had: each one's time over that of the first."""
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


def _megabytes(peak: int | None) -> str:
    return "-" if peak is None else f"{peak / 1e6:.0f}"


def _failures(measurements: Sequence[Measurement]) -> list[str]:
    return [f"  {m.engine}, {m.width}x{m.height}: {m.error}" for m in measurements if m.error]
