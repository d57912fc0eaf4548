"""Scores as files: JSON, CSV, and the log from which a stopped run resumes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from inpaint_core.lab.evaluation.photo_groups import bin_rows, group_rows
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.score_table import summarise
from inpaint_core.lab.evaluation.scores import SCORE_NAMES, Scores


def to_plain_values(scores: Scores | None) -> dict[str, float | None]:
    """The scores by name; unknown and infinite ones are None (JSON has no infinity)."""
    if scores is None:
        return dict.fromkeys(SCORE_NAMES)
    return {k: v if v is not None and isfinite(v) else None for k, v in asdict(scores).items()}


def format_json(
    rows: Sequence[ScoreRow], settings: Mapping[str, Any], fid: Mapping[str, float] | None = None
) -> str:
    """Settings, means, means by hole ratio and every row as one JSON document; ``fid``: FID by
    candidate over all photos, if requested.

    A bin excludes its ``low`` and includes its ``high``; the last one has no ``high``.
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
            for each, own in bin_rows(rows)
        ],
        "groups": [
            {"title": name, "photos": len({row.photo for row in own}), "means": _means(own)}
            for name, own in group_rows(rows)
        ],
        "rows": [
            {
                "photo": row.photo,
                "candidate": row.candidate,
                "ratio": row.ratio,
                "group": row.group,
                **to_plain_values(row.scores),
                "seconds": row.seconds,
                "processor": row.processor,
                "error": row.error,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _means(rows: Sequence[ScoreRow]) -> list[dict[str, Any]]:
    return [
        {
            "candidate": s.candidate,
            **to_plain_values(s.scores),
            "seconds": s.seconds,
            "processor": s.processor,
            "wins": s.wins,
            "failed": s.failed,
        }
        for s in summarise(rows)
    ]


def format_csv(rows: Sequence[ScoreRow]) -> str:
    """Every row as one line; unknown and infinite scores are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    times = ("seconds", "processor")
    writer.writerow(["photo", "candidate", "group", "ratio", *SCORE_NAMES, *times, "error"])
    for row in rows:
        scores = to_plain_values(row.scores)
        values = ["" if scores[name] is None else f"{scores[name]:.6g}" for name in SCORE_NAMES]
        spent = ["" if t is None else f"{t:.3f}" for t in (row.seconds, row.processor)]
        ratio = "" if row.ratio is None else f"{row.ratio:.6g}"
        writer.writerow(
            [row.photo, row.candidate, row.group or "", ratio, *values, *spent, row.error or ""]
        )
    return text.getvalue()


class ScoreLog:
    """The rows of earlier photos in the file ``path``: a line of ``settings``, then one per photo.

    ``resume``: keep them if their settings and kinds of scores are the same; otherwise the file
    starts over.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], resume: bool) -> None:
        self.path = path
        self.photos: dict[str, tuple[ScoreRow, ...]] = {}
        head = json.dumps({**settings, "scores": SCORE_NAMES}, sort_keys=True)
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
        if resume and lines and lines[0] == head:
            for line in lines[1:]:
                try:
                    rows = tuple(
                        ScoreRow(**{**row, "scores": row["scores"] and Scores(**row["scores"])})
                        for row in json.loads(line)
                    )
                except (ValueError, KeyError, TypeError, RecursionError):  # an interrupted line
                    continue
                if rows and not any(row.error for row in rows):  # failures are tried again
                    self.photos[rows[0].photo] = rows
        else:
            path.write_text(head + "\n", encoding="utf-8")

    def add(self, rows: Sequence[ScoreRow]) -> None:
        """Append one photo's rows."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([asdict(row) for row in rows]) + "\n")
