"""The papers whose figures can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from inpaint_core.contract.specs import load_specs
from inpaint_core.inspection.figures.paper_figure import PaperSpec


@cache
def papers() -> Mapping[str, PaperSpec]:
    """Every paper of this folder by id, in alphabetical order."""
    from inpaint_core.inspection import papers as package

    return load_specs(package)
