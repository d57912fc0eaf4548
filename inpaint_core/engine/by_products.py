"""By-products of a fill: which of those asked for there are, and the priors among them."""

from __future__ import annotations

from dataclasses import replace

from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.contract.view import Fill, View
from inpaint_core.priors.registry import priors


def refused(request: InpaintRequest, spec: GeneratorSpec) -> list[str]:
    """A sentence for each by-product asked for that this generator does not give."""
    if not request.want:
        return []
    given = {*spec.products, *(("offsets", "coarse") if spec.native_stage else ()), *_maps()}
    return [f"“{spec.title}” gives no “{name}”." for name in sorted(request.want - given)]


def with_priors(fill: Fill, view: View) -> Fill:
    """The fill with the priors asked for, read off the crop at its own resolution."""
    if not view.want:
        return fill
    wanted = [name for name in _maps() if name in view.want and name not in fill.products]
    read = {name: priors()[name].run(view.image, view.hole) for name in wanted}
    return replace(fill, products={**fill.products, **read})


def _maps() -> list[str]:
    """The priors that are maps, and so can be by-products of any fill."""
    return [name for name, prior in priors().items() if prior.channels > 0]
