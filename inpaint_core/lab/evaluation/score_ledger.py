"""Rows on disk as they are made, so that a run that was stopped can go on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inpaint_core.lab.evaluation.scores import NAMES, Scores
from inpaint_core.lab.evaluation.trial import Row


class Ledger:
    """The rows of earlier photos in the file ``path``: a line of ``settings``, then one per photo.

    ``resume``: keep them if they were made with equal settings and have the same scores; otherwise
    the file begins anew.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], resume: bool) -> None:
        self.path = path
        self.photos: dict[str, tuple[Row, ...]] = {}
        head = json.dumps({**settings, "scores": NAMES}, sort_keys=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if resume and lines and lines[0] == head:
            for line in lines[1:]:
                try:
                    rows = tuple(_row(each) for each in json.loads(line))
                except ValueError:  # the machine went down in the middle of it
                    continue
                if rows and not any(row.error for row in rows):  # what failed may not any more
                    self.photos[rows[0].photo] = rows
        else:
            path.write_text(head + "\n", encoding="utf-8")

    def add(self, rows: Sequence[Row]) -> None:
        """Write one photo's rows."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([asdict(row) for row in rows]) + "\n")


def _row(found: dict[str, Any]) -> Row:
    scores = found.pop("scores")
    return Row(**found, scores=None if scores is None else Scores(**scores))
