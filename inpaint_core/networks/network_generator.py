"""A generator whose fill is a network's picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.registry import load_network

RING = 8
"""Width, in pixels, of the ring around the hole in which the network's colour error is measured."""

TRUST = 0.3
"""Exemplar synthesis decides for each hole whether to follow the guide this much, half as much or
not at all (`inpaint_core.exemplar.guide_vetting`). Networks that are better than that are trusted
fully: their fills keep all that they show (`inpaint_core.engine.network_details`)."""


def make_network_generator(
    network: NetworkSpec,
    config: Any,
    *,
    id: str,
    title: str,
    summary: str,
    paper: str,
    max_side: int = 512,
    first_side: int = 256,
    trust: float = TRUST,
) -> GeneratorSpec:
    """The generator ``id`` of a ``network``, with the weights called like its ``config``.

    ``trust``, ``max_side`` and ``first_side`` as in `GeneratorSpec` and `SizeRule`.
    """
    spec = GeneratorSpec(
        id=id,
        title=title,
        summary=summary,
        run=_run,
        paper=paper,
        size=SizeRule(max_side, first_side=first_side),
        native_stage=True,
        trust=trust,
        uses_torch=True,
        network=network.id,
    )
    return with_weights(fit_to_configuration(spec, network, config), config.id)


def with_weights(spec: GeneratorSpec, weights_id: str) -> GeneratorSpec:
    """The generator of a network, with other weights."""
    return replace(spec, weights=weights_id, build=partial(load_network, weights_id))


def fit_to_configuration(spec: GeneratorSpec, network: NetworkSpec, config: Any) -> GeneratorSpec:
    """The generator of a ``network``, declaring what is true of this ``config``."""
    only = network.longest(config)
    size = replace(spec.size, multiple=network.multiple(config))
    return replace(
        spec,
        size=size if only is None else SizeRule(only, only),
        products=network.list_products(config),
        priors=network.list_priors(config),
        taps=network.list_taps(config),
        takes_semantic=network.add_map(config) is not None,
    )


def _run(net: Any, view: View, progress: Progress) -> Fill:
    progress.report(0, Message("engine.completing_structure"))
    picture, products = net.infer(view, view.want)
    progress.report(0.9)
    return Fill(picture, RING, products=products)
