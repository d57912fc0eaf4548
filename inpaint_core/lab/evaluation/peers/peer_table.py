"""Tables of peers: what each took, as ratios to the first row, and how good its fills are."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from inpaint_core.lab.evaluation.peers.comparison import PeerRow
from inpaint_core.lab.evaluation.score_table import COLUMNS, OPTIONAL, align_columns, format_score
from inpaint_core.lab.evaluation.scores import Scores, mean_scores

SHOWN = ("psnr_hole", "ssim_hole", "patches", "features", "sharpness", "seam")
"""The scores that a table shows; JSON has all of them."""
COSTS = ("seconds", "work", "processor", "processor_work", "peak")
LEGEND = (
    "s: from the start of the program to its end, files included; start: the same for a tiny "
    "picture; work: s less\nstart; cpu: of all cores; MB: peak of the largest process. x: "
    "divided by the first row's. PSNR and SSIM: more\nis better; patches and features: less; sharp "
    "and seam: 1 is ideal. Photos are black in the hole for everybody."
)


def format_photo_table(rows: Sequence[PeerRow]) -> str:
    """One photo's rows, the first of which the others are compared with, and the failures."""
    first = rows[0]
    cells = [_build_head(rows, first.photo)]
    for row in rows:
        ratios = {name: _divide(getattr(row, name), getattr(first, name)) for name in COSTS}
        costs = {name: getattr(row, name) for name in COSTS}
        cells.append(
            [
                f"{row.peer} {row.version}",
                *_format_costs(costs, ratios, row.start),
                *_format_scores(rows, row.scores),
            ]
        )
    title = f"{first.photo}: {first.width}x{first.height}, hole {first.hole:,} px"
    failures = [f"  {row.peer}: {row.error}" for row in rows if row.error]
    return "\n".join([title, align_columns(cells), *failures])


def format_mean_table(rows: Sequence[PeerRow]) -> str:
    """Means over the photos that every peer with any fill has filled: geometric means of times,
    memory and their ratios.
    """
    names = list(dict.fromkeys(row.peer for row in rows))
    by_key = {(row.photo, row.peer): row for row in rows if row.scores is not None}
    names = [name for name in names if any(key[1] == name for key in by_key)]
    photos = list(dict.fromkeys(row.photo for row in rows))
    common = [photo for photo in photos if all((photo, name) in by_key for name in names)]
    title = f"Mean of {len(common)} of {len(photos)} photos"
    if not common:
        return f"{title}: no photo was filled by all."
    cells = [_build_head(rows, "")]
    for name in names:
        own = [by_key[photo, name] for photo in common]
        firsts = [by_key[photo, names[0]] for photo in common]
        costs = {cost: _mean([getattr(row, cost) for row in own]) for cost in COSTS}
        ratios = {
            cost: _mean(
                [
                    _divide(getattr(a, cost), getattr(b, cost))
                    for a, b in zip(own, firsts, strict=True)
                ]
            )
            for cost in COSTS
        }
        scores = mean_scores([row.scores for row in own if row.scores is not None])
        start = own[0].start
        cells.append(
            [
                f"{name} {own[0].version}",
                *_format_costs(costs, ratios, start),
                *_format_scores(rows, scores),
            ]
        )
    return "\n".join([title, align_columns(cells)])


def _build_head(rows: Sequence[PeerRow], corner: str) -> list[str]:
    costs = ["start", "s", "x", "work", "x", "cpu s", "x", "cpu work", "x", "MB", "x"]
    return [corner, *costs, *(COLUMNS[name][0] for name in _list_scores(rows))]


def _list_scores(rows: Sequence[PeerRow]) -> list[str]:
    scored = [row.scores for row in rows if row.scores is not None]
    return [
        name
        for name in SHOWN
        if name not in OPTIONAL or any(getattr(s, name) is not None for s in scored)
    ]


def _format_scores(rows: Sequence[PeerRow], scores: Scores | None) -> list[str]:
    return [
        format_score(name, None if scores is None else getattr(scores, name))
        for name in _list_scores(rows)
    ]


def _format_costs(
    costs: dict[str, float | None], ratios: dict[str, float | None], start: float | None
) -> list[str]:
    cells = ["-" if start is None else f"{start:.2f}"]
    for name in COSTS:
        value, ratio = costs[name], ratios[name]
        scaled = None if value is None else value / 1e6 if name == "peak" else value
        cells.append("-" if scaled is None else f"{scaled:.{0 if name == 'peak' else 2}f}")
        cells.append("-" if ratio is None else f"{ratio:.2f}")
    return cells


def _divide(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by


def _mean(values: Sequence[float | None]) -> float | None:
    """Geometric; None where a value is unknown, 0 where one is 0."""
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    return exp(sum(map(log, known)) / len(known)) if min(known) > 0 else 0.0
