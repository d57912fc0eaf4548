"""What was asked of a fill and its generator does not do, as messages for the person who asked."""

from __future__ import annotations

from typing import Any

from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.priors.registry import priors

_NATIVE_PRODUCTS = ("offsets", "perspective", "coarse")


def list_not_copied(request: InpaintRequest, spec: GeneratorSpec) -> list[Message]:
    """A message for each wanted by-product of texture that a fill, used as it is, does not have."""
    return [
        Message("command.no_such_product", engine=spec.title, product=name)
        for name in _NATIVE_PRODUCTS
        if name in request.want
    ]


def list_missing_products(request: InpaintRequest, spec: GeneratorSpec) -> list[Message]:
    """A message for each wanted by-product that this generator does not give."""
    if not request.want:
        return []
    native = _NATIVE_PRODUCTS if spec.native_stage else ()
    available = {*spec.products, *native, *list_prior_maps()}
    return [
        Message("command.no_such_product", engine=spec.title, product=name)
        for name in sorted(request.want - available)
    ]


def list_unheeded(request: InpaintRequest, spec: GeneratorSpec, net: Any) -> list[Message]:
    """A message for what was asked of the network and it does not do."""
    asked, found = request.options.precision, []
    given = str(getattr(net, "dtype", asked)).removeprefix("torch.")
    if asked not in ("auto", given):
        other = Message("engine.other_precision", engine=spec.title, asked=asked, given=given)
        found.append(other)
    if request.options.semantic is not None and not spec.takes_semantic:
        found.append(Message("engine.semantic_unused", engine=spec.title))
    return found


def list_prior_maps() -> list[str]:
    """The names of the priors that are maps."""
    return [name for name, prior in priors().items() if prior.channels > 0]
