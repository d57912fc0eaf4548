"""The default: the engine that was measured to be better for each hole."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.specs import Choice, GeneratorSpec
from inpaint_core.contract.view import Fill, View


def _choose(view: View, progress: Progress) -> Choice:
    from inpaint_core.generators.engine_choice import choose

    return choose(view, progress)


def _build(device: str) -> None:
    """Nothing to load: the chosen engine loads its own."""


def _run(net: Any, view: View, progress: Progress) -> Fill:
    raise TypeError("“auto” chooses an engine and fills nothing itself")


SPEC = GeneratorSpec(
    id="auto",
    title="Automatic",
    summary="For each hole, exemplar synthesis alone or guided by the structure network.",
    build=_build,
    run=_run,
    uses_torch=True,
    products=("offsets",),
    choose=_choose,
)
