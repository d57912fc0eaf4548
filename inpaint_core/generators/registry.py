"""The registered generators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.errors import UnknownEngine, WeightsUnavailable
from inpaint_core.contract.specs import GeneratorSpec, load_specs
from inpaint_core.networks.registry import find_network_of
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.user_weights import read_user_weights


@cache
def generators() -> Mapping[str, GeneratorSpec]:
    """Every generator of this folder by id, in alphabetical order."""
    from inpaint_core import generators as package

    return load_specs(package)


def candidates() -> tuple[GeneratorSpec, ...]:
    """The generators that another one may choose."""
    chosen = [name for spec in generators().values() for name in spec.candidates]
    return tuple(generator(name) for name in dict.fromkeys(chosen))


def generator(engine_id: str) -> GeneratorSpec:
    """The generator with this id. “lama:mine” is the generator “lama” with the weights that were
    imported under the name “mine”. Raises `UnknownEngine`.
    """
    specs = generators()
    family, _, name = engine_id.partition(":")
    if family not in specs or (name and specs[family].weights is None):
        raise UnknownEngine("engine.unknown", name=engine_id, known=tuple(specs))
    return _fit(_with_weights(specs[family], name) if name else specs[family])


def list_imported() -> tuple[GeneratorSpec, ...]:
    """A generator for each set of imported weights that its engine does not use by itself."""
    held = read_user_weights().entries
    found = []
    for spec in generators().values():
        for entry_id in held if spec.weights is not None else ():
            name = entry_id.removeprefix(f"{spec.weights}-")
            if name != entry_id and find_entry(str(spec.weights)).id != entry_id:
                found.append(_fit(_with_weights(spec, name)))
    return tuple(found)


def _with_weights(spec: GeneratorSpec, name: str) -> GeneratorSpec:
    weights_id = f"{spec.weights}-{name}"

    def build(device: str, precision: Precision) -> Any:
        from inpaint_core.networks.registry import load_network

        return load_network(weights_id, device, precision)

    title = f"{spec.title}: {name}"
    return replace(spec, id=f"{spec.id}:{name}", title=title, weights=weights_id, build=build)


def _fit(spec: GeneratorSpec) -> GeneratorSpec:
    """The spec with the sizes and taps of the network that its weights are for, which may be
    another variant than the one that the engine declares.
    """
    if spec.weights is None:
        return spec
    try:
        network, config = find_network_of(find_entry(spec.weights))
    except WeightsUnavailable:
        return spec  # whoever uses it will say so
    size, multiple, longest = spec.size, network.multiple(config), network.longest(config)
    if size.multiple % multiple or (longest is not None and longest != size.max_side):
        size = replace(size, multiple=multiple, max_side=longest or size.max_side)
    return replace(spec, size=size, taps=network.list_taps(config))
