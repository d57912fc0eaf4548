"""An evaluation that also measures where networks are better than exemplar synthesis alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.cases import Case, Sample, load_sample
from inpaint_core.lab.evaluation.photo_scoring import Candidate, EngineCandidate, ScoreRow
from inpaint_core.lab.evaluation.weights_measurement import (
    MOST_FOR_DETAILS,
    MeasuredWays,
    check_measurable,
    format_better,
    is_ours,
    measure_longest,
    say_when,
    tell_better,
    write_entry,
)
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.retouch.output_places import make_folder


class BetterRun:
    """Measures the networks among ``engine_ids`` in a run grouped ``by`` depth, with features or
    without them.

    Raises `BadRequest` where that is not possible.
    """

    def __init__(self, engine_ids: Sequence[str], by: str | None, has_features: bool) -> None:
        self._specs = {spec.id: spec for spec in check_measurable(engine_ids, by)}
        self._has_features = has_features
        self._ways: dict[str, MeasuredWays] = {}

    def replace_networks(
        self, candidates: Sequence[Candidate], cases: Sequence[Case], progress: Progress
    ) -> list[Candidate]:
        """The ``candidates`` with the ways of every network in its place. Raises what fills raise,
        and `Cancelled`.
        """
        count = min(len(cases), MOST_FOR_DETAILS)
        chosen = np.linspace(0, len(cases) - 1, count).round().astype(int)
        samples = _load([cases[number] for number in chosen])
        found: list[Candidate] = []
        for each in candidates:
            if not isinstance(each, EngineCandidate) or each.name not in self._specs:
                found.append(each)
                continue
            at, count = len(self._ways), len(self._specs)
            part = progress.part(at / count, (at + 1) / count)
            ways = MeasuredWays(
                self._specs[each.name],
                samples,
                part,
                has_features=self._has_features,
                seed=each.seed,
                device=each.device,
            )
            self._ways[each.name] = ways
            found += ways.candidates
        return found

    def write(self, rows: Sequence[ScoreRow], cases: Sequence[Case], folder: Path) -> str:
        """Write what ``rows`` say into the entries of a person's own weights, and as a file for
        each network into the ``folder``; returns a text about it. Raises `CannotWrite`.
        """
        longest, text = measure_longest(_load(cases)), ""
        make_folder(folder)
        for name, ways in self._ways.items():
            _, better = ways.find_better(rows, longest)
            entry, plain = find_entry(str(ways.spec.weights)), format_better(better)
            with write_atomically(folder / f"{entry.id}.json", True) as stream:
                stream.write((json.dumps(plain, indent=2) + "\n").encode())
            if is_ours(entry):
                write_entry(entry, better, measured=say_when(f"{len(cases)} photos"))
            text += f"\n{tell_better(name, plain)}"
        return text


def _load(cases: Sequence[Case]) -> list[Sample]:
    found = []
    for case in cases:
        try:
            found.append(load_sample(case))
        except InpaintError:
            continue  # its rows say why
    return found
