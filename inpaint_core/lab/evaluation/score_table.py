"""Scores as text tables: one row per candidate, the best of every column marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isinf

from inpaint_core.lab.evaluation.photo_groups import bin_rows, group_rows
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.scores import SCORE_NAMES, Scores, mean_scores, score_penalty

COLUMNS = {
    "psnr_hole": ("PSNR hole", 2),
    "psnr": ("PSNR", 2),
    "ssim_hole": ("SSIM hole", 3),
    "ssim": ("SSIM", 3),
    "l1_hole": ("L1 hole", 2),
    "l1": ("L1", 3),
    "coarse": ("coarse", 2),
    "patches": ("patches", 2),
    "edges": ("edges", 3),
    "features": ("features", 3),
    "lpips": ("LPIPS", 4),
    "sharpness": ("sharp", 2),
    "blur": ("|ln sharp|", 3),
    "seam": ("seam", 3),
    "border": ("border", 3),
    "broken": ("broken lines", 2),
}
"""The title of every score and its decimals."""
OPTIONAL = ("features", "lpips")
"""Columns that are left out if no network was given for them."""
LEGEND = (
    "* = best. Hole: inside the hole only. PSNR in dB and SSIM: more is better; L1, coarse "
    "(root mean\nsquare error after a blur of 6 pixels in the photo at 512) and patches (sliced "
    "Wasserstein distance of\n7x7 patches) in 8-bit levels, edges, features (SqueezeNet "
    "feature distance),\nLPIPS, |ln sharp| and border: less is better; sharp (gradient energy "
    "against the truth) and seam: 1 is\nideal, their mean is geometric. Edges: 1 - F1 of the Canny "
    "edges in the hole (luma blurred with sigma\n1.4, thresholds 30 and 90), right when within 2 "
    "pixels of a true one. Seam: jumps across the border of\nthe hole against those just outside "
    "it. Border: their error against the truth's jumps, relative to\nthese. Broken lines: straight "
    "edges that stop at the hole or begin inside it, unlike in the truth; the fewer\nthe better. "
    "Wins: photos on which a row is best in patches.\n"
    "Seconds: for one fill, waiting included; processor: seconds of all cores together.\n"
    "All on 8-bit composites at the photo's size (outside the hole they equal the truth). SSIM on "
    "RGB,\nGaussian window of 11x11 pixels with sigma 1.5. The hole-ratio bins are the TSGL "
    "paper's; it does not\nstate its SSIM window, its photos are 256x256 or 512x512, and its "
    "published test programs write truth\nand composites as JPEG: compare with its printed "
    "figures only roughly."
)


@dataclass(frozen=True, slots=True)
class CandidateSummary:
    """A candidate's means over the photos that every candidate has scores for.

    ``seconds`` and ``processor``: None for finished fills. ``wins``: how many photos it has the
    smallest patch distance on; ``failed``: how many photos it has no scores for.
    """

    candidate: str
    scores: Scores | None
    seconds: float | None
    processor: float | None
    wins: int
    failed: int


def summarise(rows: Sequence[ScoreRow]) -> list[CandidateSummary]:
    """One summary per candidate, in the order of their first row."""
    names = list(dict.fromkeys(row.candidate for row in rows))
    photos = list(dict.fromkeys(row.photo for row in rows))
    scored = {(r.photo, r.candidate): r for r in rows if r.scores is not None}
    common = [p for p in photos if all((p, name) in scored for name in names)]

    def patches(photo: str, name: str) -> float:
        scores = scored[photo, name].scores
        return float("inf") if scores is None else scores.patches

    winners = [min(names, key=partial(patches, photo)) for photo in common]
    found = []
    for name in names:
        own = [scored[photo, name] for photo in common]
        failed = sum(row.scores is None for row in rows if row.candidate == name)
        found.append(
            CandidateSummary(
                name,
                mean_scores([row.scores for row in own if row.scores is not None]) if own else None,
                _mean([row.seconds for row in own]),
                _mean([row.processor for row in own]),
                winners.count(name),
                failed,
            )
        )
    return found


def _mean(times: Sequence[float | None]) -> float | None:
    known = [time for time in times if time is not None]
    return sum(known) / len(known) if known else None


def format_time(seconds: float | None) -> str:
    """A time as text."""
    return "-" if seconds is None else f"{seconds:.2f}"


def format_score(name: str, value: float | None) -> str:
    """A score as text."""
    if value is None:
        return "-"
    return "∞" if isinf(value) else f"{value:.{COLUMNS[name][1]}f}"


def find_best(name: str, all_scores: Sequence[Scores | None]) -> int | None:
    """The index of the best value of the score ``name``; None if there is none."""
    values = [None if s is None else getattr(s, name) for s in all_scores]
    known = [(score_penalty(name, value), i) for i, value in enumerate(values) if value is not None]
    return min(known)[1] if known else None


def build_cells(labels: Sequence[str], all_scores: Sequence[Scores | None]) -> list[list[str]]:
    """A header and one line of cells per label; the best of a column has a star.

    Columns of `OPTIONAL` scores without any value are left out.
    """
    best = {name: find_best(name, all_scores) for name in SCORE_NAMES}
    names = [name for name in SCORE_NAMES if name not in OPTIONAL or best[name] is not None]
    cells = [["", *(COLUMNS[name][0] for name in names)]]
    stars = best if len(labels) > 1 else {}
    for index, (label, scores) in enumerate(zip(labels, all_scores, strict=True)):
        line = [label]
        for name in names:
            value = None if scores is None else getattr(scores, name)
            line.append(format_score(name, value) + ("*" if stars.get(name) == index else " "))
        cells.append(line)
    return cells


def align_columns(cells: Sequence[Sequence[str]]) -> str:
    """Cells as text: the first column aligned left, the others right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        rest = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        lines.append("  ".join([line[0].ljust(widths[0]), *rest]).rstrip())
    return "\n".join(lines)


def format_report(rows: Sequence[ScoreRow]) -> str:
    """The means of all photos, of every non-empty hole-ratio bin and every group, and the legend.

    If one bin has all photos, the table appears once, under the bin's title.
    """
    bins = bin_rows(rows)
    tables = [f"{each.title}\n{format_mean_table(own)}" for each, own in bins]
    if len(bins) != 1 or len(bins[0][1]) != len(rows):  # else the same table would appear twice
        tables.insert(0, format_mean_table(rows))
    tables += [f"Group: {name}\n{format_mean_table(own)}" for name, own in group_rows(rows)]
    return "\n\n".join([*tables, LEGEND])


def format_mean_table(rows: Sequence[ScoreRow]) -> str:
    """The means as a text table, over the photos for which all candidates have scores."""
    summaries = summarise(rows)
    cells = build_cells([s.candidate for s in summaries], [s.scores for s in summaries])
    extra = [["seconds", "processor", "wins", "failed"]]
    for s in summaries:
        times = [format_time(s.seconds), format_time(s.processor)]
        extra.append([*times, str(s.wins), str(s.failed)])
    count = len({row.photo for row in rows})
    common = sum(s.wins for s in summaries)
    photos = "1 photo" if count == 1 else f"{count} photos"
    title = f"Mean of {photos}" if common == count else f"Mean of {common} of {photos}"
    table = align_columns([line + more for line, more in zip(cells, extra, strict=True)])
    return f"{title}\n{table}"


def format_photo_table(rows: Sequence[ScoreRow]) -> str:
    """One photo's rows as a text table, with the reasons for failures below."""
    cells = build_cells([row.candidate for row in rows], [row.scores for row in rows])
    cells[0][0] = rows[0].photo
    cells[0] += ["seconds", "processor"]
    for cell, row in zip(cells[1:], rows, strict=True):
        cell += [format_time(row.seconds), format_time(row.processor)]
    failures = [f"  {row.candidate}: {row.error}" for row in rows if row.error]
    return "\n".join([align_columns(cells), *failures])
