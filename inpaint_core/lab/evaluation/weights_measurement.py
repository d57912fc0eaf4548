"""Measures imported weights on this machine, against exemplar synthesis alone."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import find_engine_of
from inpaint_core.lab.evaluation.cases import Case
from inpaint_core.lab.evaluation.photo_scoring import EngineCandidate
from inpaint_core.lab.evaluation.scenes.rendered_cases import SCENE_ORDER, render_case
from inpaint_core.lab.evaluation.scores import score_fill
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import ENTRY_FILE, weights_folder
from inpaint_core.photo.atomic_file import write_atomically

_ALONE = "exemplar"


def measure_weights(entry: WeightsEntry, progress: Progress, scenes: int = 8) -> WeightsEntry:
    """Fill rendered scenes with lines through the hole, once with these weights and once with
    exemplar synthesis alone, and write into the entry what came out: ``ssim_hole`` (the mean, 1 is
    perfect) and ``seconds`` of one hole of both. “auto” does not go by it. The ``scenes`` are
    evenly spread over the kinds that there are.

    Raises `CannotWrite` for what is not in the person's own folder, what fills raise, and
    `Cancelled`.
    """
    if entry.folder.parent != weights_folder():
        raise CannotWrite("weights.not_ours", name=entry.id)
    engine = Engine()
    names = {"": find_engine_of(entry.id), f"{_ALONE}_": _ALONE}
    for name in names.values():
        engine.load(name)  # which is not part of a fill's time
    sums = {f"{prefix}{what}": 0.0 for prefix in names for what in ("ssim_hole", "seconds")}
    steps = [(number, prefix) for number in range(scenes) for prefix in names]
    for done, (number, prefix) in enumerate(steps):
        text = Message("weights.measuring", number=number + 1, count=scenes)
        part = progress.part(done / len(steps), (done + 1) / len(steps))
        part.report(0.0, text)
        scene, sample = render_case(number * len(SCENE_ORDER) // scenes)
        candidate = EngineCandidate(names[prefix], names[prefix], engine)
        start = perf_counter()
        filled = candidate.fill(Case(scene, Path(), Path()), sample, part)
        sums[f"{prefix}seconds"] += perf_counter() - start
        sums[f"{prefix}ssim_hole"] += score_fill(sample.truth, filled, sample.hole).ssim_hole
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    measured = replace(
        entry,
        validation=MappingProxyType({name: value / scenes for name, value in sums.items()}),
        measured=f"{scenes} rendered scenes with lines through the hole, on {today}",
    )
    with write_atomically(entry.folder / ENTRY_FILE, True) as stream:
        row = json.dumps(measured.plain(), indent=2, ensure_ascii=False)
        stream.write(f"{row}\n".encode())
    progress.report(1.0)
    return measured
