"""Exemplar synthesis on its own: real texture without weights."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec


def _run(net: Any, view: View, progress: Progress) -> Fill:
    from inpaint_core.exemplar.synthesis import synthesise

    return synthesise(view, progress)


SPEC = GeneratorSpec(
    id="exemplar",
    title="Exemplar synthesis",
    summary="Copies matching texture from the rest of the photo, at its own resolution.",
    run=_run,
    paper="Wexler, Shechtman, Irani 2007; Barnes et al. 2009; Newson et al. 2014",
    products=("offsets", "perspective"),
)
