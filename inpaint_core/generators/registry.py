"""The registered generators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from inpaint_core.contract.errors import NetworksUnavailable, UnknownEngine, WeightsUnavailable
from inpaint_core.contract.specs import GeneratorSpec, load_specs
from inpaint_core.local.optional_libraries import has_torch
from inpaint_core.networks.network_generator import fit_to_configuration, with_weights
from inpaint_core.networks.registry import find_network_of, networks
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.manifest import read_manifest
from inpaint_core.networks.store.user_weights import read_user_weights


@cache
def generators() -> Mapping[str, GeneratorSpec]:
    """Every generator of this folder by id, in alphabetical order."""
    from inpaint_core import generators as package

    return load_specs(package)


def candidates() -> tuple[GeneratorSpec, ...]:
    """The generators that another one may choose."""
    choosing = [each for each in generators().values() if each.list_candidates is not None]
    names = [name for spec in choosing for name in list_candidates(spec)]
    return tuple(generator(name) for name in dict.fromkeys(names))


def list_candidates(spec: GeneratorSpec) -> tuple[str, ...]:
    """The ids of the generators that may fill where ``spec`` is asked for: itself, or those that it
    chooses from.
    """
    return (spec.id,) if spec.list_candidates is None else spec.list_candidates()


def generator(engine_id: str) -> GeneratorSpec:
    """The generator with this id, declaring what is true of the weights that it will use.

    “lama:mine” is the generator “lama” with the weights that were imported under the name “mine”;
    “tsgl:paper” is “tsgl” with imported weights of its configuration “paper”, those that the person
    prefers or else those imported last. Raises `UnknownEngine`.
    """
    specs = generators()
    family, colon, name = engine_id.partition(":")
    if family not in specs or (colon and (not name or specs[family].network is None)):
        raise UnknownEngine("engine.unknown", name=engine_id, known=tuple(specs))
    spec = specs[family]
    return _with_weights(spec, name) if name else fit_to_weights(spec)


def generator_for_first_look(engine_id: str) -> GeneratorSpec:
    """The generator with this id as it looks first for another one (see `FirstLook`): its maps have
    names of their own, since both are recorded in one fill. Raises `UnknownEngine`.
    """
    spec = generator(engine_id)
    taps = (
        replace(tap, name=f"first-{tap.name}", title=f"First look: {tap.title}")
        for tap in spec.taps
    )
    return replace(spec, taps=tuple(taps))


def find_usable(engine_id: str) -> GeneratorSpec:
    """As `generator`, of one whose weights and torch, if it needs any, are on this machine.

    Raises `UnknownEngine`, `NetworksUnavailable` or `WeightsUnavailable`.
    """
    spec = generator(engine_id)
    if spec.uses_torch and spec.choose is None and not has_torch():
        raise NetworksUnavailable("engine.no_torch")
    try:
        entry = None if spec.weights is None else find_entry(spec.weights)
    except WeightsUnavailable as error:
        if error.message.key == "weights.unknown" and ":" not in engine_id:
            raise WeightsUnavailable("weights.engine_without", engine=spec.id) from error
        raise
    if entry is not None and not entry.is_present:
        raise WeightsUnavailable("weights.missing", path=entry.path)
    return spec


def find_engine_of(entry_id: str) -> str:
    """The id of the engine that fills with these weights: “lama” where it uses them by itself, else
    “lama:mine”; "" where none does.
    """
    for spec in generators().values():
        name = entry_id.removeprefix(f"{spec.weights}-")
        if spec.weights is not None and (name != entry_id or entry_id == spec.weights):
            return spec.id if find_entry(spec.weights).id == entry_id else f"{spec.id}:{name}"
    return ""


def list_imported() -> tuple[GeneratorSpec, ...]:
    """A generator for each set of imported weights that its engine does not use by itself."""
    held = read_user_weights().entries
    found = []
    for spec in generators().values():
        for entry_id in held if spec.weights is not None else ():
            name = entry_id.removeprefix(f"{spec.weights}-")
            if name != entry_id and find_entry(str(spec.weights)).id != entry_id:
                found.append(_with_weights(spec, name))
    return tuple(found)


def list_configurations() -> tuple[GeneratorSpec, ...]:
    """A generator for each configuration of a network that the network's engine does not use by
    itself and that no imported weights are called like.
    """
    held = read_user_weights().entries
    return tuple(
        _with_weights(spec, name)
        for spec in generators().values()
        if spec.network is not None
        for name in networks()[spec.network].configs
        if name != spec.weights and f"{spec.weights}-{name}" not in held
    )


def _with_weights(spec: GeneratorSpec, name: str) -> GeneratorSpec:
    weights_id = f"{spec.weights}-{name}"
    network, held = networks()[str(spec.network)], read_user_weights()
    if name in network.configs and weights_id not in held.entries:
        weights_id = name
        spec = fit_to_configuration(spec, network, network.configs[name])
    elif weights_id not in {*held.entries, *held.incomplete, *_list_shipped()}:
        weights_id = f"{spec.id}:{name}"  # what a fill says that there is not
    title = f"{spec.title}: {name}"
    named = replace(spec, id=f"{spec.id}:{name}", title=title)
    return fit_to_weights(with_weights(named, weights_id))


def _list_shipped() -> Sequence[str]:
    try:
        return tuple(read_manifest())
    except WeightsUnavailable:
        return ()


def fit_to_weights(spec: GeneratorSpec) -> GeneratorSpec:
    """The generator, declaring what is true of its weights' configuration, if they are there."""
    if spec.network is None or spec.weights is None:
        return spec
    try:
        entry = find_entry(spec.weights)
        network, config = find_network_of(entry)
    except WeightsUnavailable:
        return spec  # a fill will say it
    fitted = fit_to_configuration(spec, network, config)
    return replace(
        fitted,
        trust=entry.trust or spec.trust,
        shown=entry.shown or spec.shown,
        worst_ratio=entry.worst_ratio or spec.worst_ratio,
        first_look=entry.first_look,
    )
