"""Reads validation figures and compares two sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from inpaint_core.contract.errors import BadRequest, FileUnreadable

DECIDING = (("features", -1), ("lpips", -1), ("ssim", 1), ("psnr", 1), ("l1", -1))
"""The first of these that both sets have decides; the sign says which direction is better."""

_PREFIX = "validation_"


@dataclass(frozen=True)
class Figures:
    """Figures by name; ``images``: training samples seen by then, if the file says so."""

    values: Mapping[str, float]
    images: int | None = None


def read_figures(path: Path) -> Figures:
    """The figures of a JSON object, or of the last validation in a run's ``metrics.jsonl``.

    Raises `FileUnreadable`, and `BadRequest` when there are none or one is no finite number.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise FileUnreadable("lab.figures_unreadable", path=path) from error
    lines = text.splitlines() if path.suffix == ".jsonl" else [text]
    found = [figures for line in lines if (figures := _parse_line(line)) is not None]
    if not found:
        raise BadRequest("lab.no_figures", path=path)
    return found[-1]


def explain_worse(new: Mapping[str, float], old: Mapping[str, float]) -> str:
    """Why ``new`` is worse than ``old``, as a phrase; empty if it is better or the same. Sets
    without a common figure cannot be compared, and the phrase says so.
    """
    for name, sign in DECIDING:
        if name in new and name in old:
            if (new[name] - old[name]) * sign < 0:
                return f"{name} is {new[name]:.4g} and was {old[name]:.4g}"
            return ""
    return "they have no figure in common"


def _parse_line(line: str) -> Figures | None:
    try:
        values: Any = json.loads(line)
    except ValueError:
        return None  # the last line of a run that was cut off
    if not isinstance(values, dict):
        return None
    images = values.get("images")
    if any(name.startswith(_PREFIX) for name in values):
        values = {k.removeprefix(_PREFIX): v for k, v in values.items() if k.startswith(_PREFIX)}
    elif "step" in values:
        return None  # a line about training
    else:
        values.pop("images", None)
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise BadRequest("lab.figure_not_finite", name=name, value=value)
    return Figures(values, images if isinstance(images, int) else None) if values else None
