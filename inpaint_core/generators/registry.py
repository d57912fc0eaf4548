"""The registered generators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from inpaint_core.contract.errors import UnknownEngine
from inpaint_core.contract.specs import GeneratorSpec, load_specs


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
    """The generator with this id. Raises `UnknownEngine`."""
    specs = generators()
    if engine_id not in specs:
        raise UnknownEngine("engine.unknown", name=engine_id, known=tuple(specs))
    return specs[engine_id]
