"""Measures where weights are better than exemplar synthesis alone, and how their fills are followed
best; written into their entry, which “auto” goes by.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import UNTESTED
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import find_engine_of, generator
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.gain_table import ALONE, find_better
from inpaint_core.lab.evaluation.native_stage.detail_bands import measure_shown
from inpaint_core.lab.evaluation.native_stage.guide_ways import KEPT, choose_way, list_ways
from inpaint_core.lab.evaluation.photo_groups import find_largest_view, group_by_depth
from inpaint_core.lab.evaluation.photo_scoring import (
    WITHOUT_NATIVE_STAGE,
    Candidate,
    EngineCandidate,
    ScoreRow,
    score_sample,
)
from inpaint_core.lab.evaluation.scenes.measuring_set import (
    draw_measuring_set,
    render_measuring_set,
)
from inpaint_core.networks.store.manifest import LEAST_SHOWN, DepthGain, WeightsEntry
from inpaint_core.networks.store.user_weights import ENTRY_FILE, weights_folder
from inpaint_core.photo.atomic_file import write_atomically

MOST_FOR_DETAILS = 16
"""Photos on which it is measured how strongly a network shows details."""
STRUCTURE = 2
"""The coarsest octaves of details, of which a network must show some: one that shows grey or a blur
gains by chance only."""


class MeasuredWays:
    """The ways in which the fills of the network engine ``spec`` may be followed, made from what it
    shows in some of the ``samples``, as ``candidates`` to score, which is done with features or
    without them.

    Raises what fills raise, and `Cancelled`.
    """

    def __init__(
        self,
        spec: GeneratorSpec,
        samples: Sequence[Sample],
        progress: Progress,
        *,
        has_features: bool = False,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        count = min(len(samples), MOST_FOR_DETAILS)
        chosen = np.linspace(0, len(samples) - 1, count).round().astype(int)
        kept = list_ways(spec, spec.shown, has_features)[f"{spec.id}{KEPT}"]
        shown = measure_shown(
            Engine(own=[kept]), kept.id, [samples[i] for i in chosen], progress, device
        )
        self.spec, self._ways = spec, list_ways(spec, shown, has_features)
        engine = Engine(own=self._ways.values())
        self.candidates: list[Candidate] = [
            EngineCandidate(name, name, engine, seed, device) for name in self._ways
        ]
        for name in self._ways:
            engine.load(name, device)  # which is not part of a fill's time

    def find_better(self, rows: Sequence[ScoreRow], longest: int) -> tuple[str, dict[str, Any]]:
        """The name of the best way in ``rows``, grouped by `group_by_depth`, and the fields
        `inpaint_core.networks.store.manifest.BETTER` of it. ``longest``: the side of the largest
        view among the photos. A network that shows nothing but a blur is better nowhere.
        """
        names = tuple(self._ways)
        deep: dict[str, float] = {}
        gains: list[DepthGain] = []
        if min(self._ways[names[0]].shown[:STRUCTURE]) > LEAST_SHOWN:
            name = choose_way(rows, names)
            deep, gains = find_better(rows, name)
        else:
            name = names[0]
        way = self._ways[name]
        return name, {
            "better_for": deep,
            "better_up_to": longest,
            "gains": tuple(gains),
            "trust": way.trust,
            "shown": way.shown,
            "worst_ratio": way.worst_ratio,
        }


def check_measurable(engine_ids: Sequence[str], by: str | None) -> list[GeneratorSpec]:
    """The engines whose networks can be measured against exemplar synthesis alone, which must be
    among them, by depth. Raises `BadRequest` when there is none, or `UnknownEngine`.
    """
    specs = [generator(name) for name in engine_ids if not name.endswith(WITHOUT_NATIVE_STAGE)]
    found = [spec for spec in specs if spec.network is not None and spec.native_stage]
    if ALONE not in engine_ids or by != "depth" or not found:
        raise BadRequest("lab.nothing_better", alone=ALONE)
    return found


def measure_longest(samples: Iterable[Sample]) -> int:
    """The longest side, in pixels, of the views that the engine has of the ``samples``."""
    return int(max(side for each in samples for side in find_largest_view(each).view.hole.shape))


def format_better(better: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they stand in an entry."""
    gains = [asdict(gain) for gain in better["gains"]]
    return {**better, "gains": gains, "shown": list(better["shown"])}


def tell_better(name: str, better: Mapping[str, Any]) -> str:
    """A text for the terminal about the engine ``name``, from fields as they stand in an entry."""
    if better["trust"] == 1:
        how = "what it shows is kept"
    else:
        is_tested = better["worst_ratio"] < UNTESTED
        tested = "where its test allows it" if is_tested else "without a test"
        how = f"it is followed with a trust of {better['trust']}, {tested}"
    shown = ", ".join(f"{each:.2f}" for each in better["shown"])
    lines = [f"{name}: {how}; from large to fine it shows details at {shown} of their strength"]
    for gain in better["gains"]:
        lines.append(
            f"  {gain['situation']}, up to {gain['up_to']:.0f} px deep, {gain['holes']} holes: "
            f"features {gain['features']:+.3f}, SSIM {gain['ssim']:+.4f}, "
            f"{gain['seconds']:+.2f} s of processor time"
        )
    where = ", ".join(f"{name} up to {deep:.0f} px" for name, deep in better["better_for"].items())
    if where:
        lines.append(f"  “auto” uses it where that is worth the time: {where} deep,")
        lines.append(f"  in views of at most {better['better_up_to']} px")
    else:
        lines.append("  “auto” does not use it")
    return "\n".join(lines) + "\n"


def is_ours(entry: WeightsEntry) -> bool:
    """Whether it lies in the person's own folder, where it can be written."""
    return entry.folder.parent == weights_folder()


def write_entry(entry: WeightsEntry, better: Mapping[str, Any], **more: Any) -> WeightsEntry:
    """Write what was measured, and ``more`` fields, into the entry of a person's own weights.
    Raises `CannotWrite`.
    """
    if not is_ours(entry):
        raise CannotWrite("weights.not_ours", name=entry.id)
    measured = replace(entry, **{**better, **more})
    measured = replace(measured, better_for=MappingProxyType(dict(measured.better_for)))
    with write_atomically(entry.folder / ENTRY_FILE, True) as stream:
        row = json.dumps(measured.plain(), indent=2, ensure_ascii=False)
        stream.write(f"{row}\n".encode())
    return measured


def say_when(what: str) -> str:
    """What was measured on, with today's date."""
    return f"{what}, on {datetime.datetime.now(datetime.UTC).date().isoformat()}"


def measure_weights(
    entry: WeightsEntry, progress: Progress, count: int = 12, photos: Path | None = None
) -> WeightsEntry:
    """Fill holes with these weights and with exemplar synthesis alone, and write into the entry
    where they are better and how their fills are followed best, which “auto” and the engine go
    by, and means over all holes: ``ssim_hole`` (1 is perfect) and ``seconds`` of one hole of both.

    The holes are drawn into ``count`` rendered scenes, or into as many photos of the folder
    ``photos``. Raises `CannotWrite` for what is not in the person's own folder, `BadRequest` where
    it holds no photos, what fills raise, and `Cancelled`.
    """
    if not is_ours(entry):
        raise CannotWrite("weights.not_ours", name=entry.id)
    drawn = render_measuring_set(count) if photos is None else draw_measuring_set(photos, count)
    samples = [sample for _, sample in drawn]
    spec = generator(find_engine_of(entry.id))
    progress.report(0.0, Message("weights.measuring_details"))
    ways = MeasuredWays(spec, samples, progress.part(0.0, 0.15))
    candidates = [EngineCandidate(ALONE, ALONE, Engine()), *ways.candidates]
    rows: list[ScoreRow] = []
    rest = progress.part(0.15, 1.0)
    for number, (name, sample) in enumerate(drawn):
        part = rest.part(number / len(drawn), (number + 1) / len(drawn))
        part.report(0.0, Message("weights.measuring", number=number + 1, count=len(drawn)))
        case = Case(name, Path(), Path())
        found = score_sample(case, sample, candidates, progress=part).rows
        group = group_by_depth(case, sample, part)
        rows += [replace(row, group=group) for row in found]
    best, better = ways.find_better(rows, measure_longest(samples))
    what = "rendered scenes" if photos is None else "photos of this machine"
    measured = write_entry(
        entry,
        better,
        validation=MappingProxyType({**_average(rows, best), **_average(rows, ALONE, f"{ALONE}_")}),
        measured=say_when(f"{len(drawn)} holes in {what}"),
    )
    progress.report(1.0)
    return measured


def _average(rows: Sequence[ScoreRow], name: str, prefix: str = "") -> dict[str, float]:
    own = [row for row in rows if row.candidate == name and row.scores is not None]
    ssim = np.mean([row.scores.ssim_hole for row in own if row.scores is not None])
    return {
        f"{prefix}ssim_hole": round(float(ssim), 4),
        f"{prefix}seconds": round(float(np.mean([row.seconds or 0.0 for row in own])), 2),
    }
