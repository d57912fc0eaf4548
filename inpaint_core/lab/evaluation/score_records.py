"""Scores as files: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from inpaint_core.lab.evaluation.hole_bins import binned
from inpaint_core.lab.evaluation.photo_groups import grouped
from inpaint_core.lab.evaluation.score_table import summarise
from inpaint_core.lab.evaluation.scores import NAMES, Scores
from inpaint_core.lab.evaluation.trial import Row


def plain(scores: Scores | None) -> dict[str, float | None]:
    """The scores by name; what is unknown or infinite (JSON has no infinity) is None."""
    if scores is None:
        return dict.fromkeys(NAMES)
    return {k: v if v is not None and isfinite(v) else None for k, v in asdict(scores).items()}


def as_json(
    rows: Sequence[Row], settings: Mapping[str, Any], fid: Mapping[str, float] | None = None
) -> str:
    """Settings, means, means by hole ratio and every row as one JSON document; ``fid``: FID by
    candidate over all photos, where it was asked for.

    A bin's ``low`` is outside of it and its ``high`` inside; the last one has no ``high``.
    """
    document = {
        "settings": dict(settings),
        "means": _means(rows),
        "fid": None if fid is None else dict(fid),
        "bins": [
            {
                "title": each.title,
                "low": each.low,
                "high": each.high if isfinite(each.high) else None,
                "photos": len({row.photo for row in own}),
                "means": _means(own),
            }
            for each, own in binned(rows)
        ],
        "groups": [
            {"title": name, "photos": len({row.photo for row in own}), "means": _means(own)}
            for name, own in grouped(rows)
        ],
        "rows": [
            {
                "photo": row.photo,
                "candidate": row.candidate,
                "ratio": row.ratio,
                "group": row.group,
                **plain(row.scores),
                "seconds": row.seconds,
                "error": row.error,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _means(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "candidate": s.candidate,
            **plain(s.scores),
            "seconds": s.seconds,
            "wins": s.wins,
            "failed": s.failed,
        }
        for s in summarise(rows)
    ]


def as_csv(rows: Sequence[Row]) -> str:
    """Every row as one line; unknown and infinite scores are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["photo", "candidate", "group", "ratio", *NAMES, "seconds", "error"])
    for row in rows:
        scores = plain(row.scores)
        values = ["" if scores[name] is None else f"{scores[name]:.6g}" for name in NAMES]
        seconds = "" if row.seconds is None else f"{row.seconds:.3f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.6g}"
        writer.writerow(
            [row.photo, row.candidate, row.group or "", ratio, *values, seconds, row.error or ""]
        )
    return text.getvalue()
