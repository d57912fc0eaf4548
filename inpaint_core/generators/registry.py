"""The generators that there are, found by scanning their folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from inpaint_core.contract.errors import UnknownEngine
from inpaint_core.contract.specs import GeneratorSpec

_NO_GENERATORS = {"registry", "engine_choice"}  # the other files of the folder


@cache
def generators() -> Mapping[str, GeneratorSpec]:
    """Every generator by id, in alphabetical order, from one scan of the folder."""
    from inpaint_core import generators as package

    names = sorted({m.name for m in pkgutil.iter_modules(package.__path__)} - _NO_GENERATORS)
    return collect([importlib.import_module(f"{package.__name__}.{n}").SPEC for n in names])


def collect(specs: list[GeneratorSpec]) -> Mapping[str, GeneratorSpec]:
    """The specs by id. Raises ValueError on a duplicate id or a tap named twice."""
    found: dict[str, GeneratorSpec] = {}
    for spec in specs:
        if spec.id in found:
            raise ValueError(f"two generators are called {spec.id!r}")
        if len({tap.name for tap in spec.taps}) != len(spec.taps):
            raise ValueError(f"generator {spec.id!r} names a tap twice")
        found[spec.id] = spec
    return MappingProxyType(dict(sorted(found.items())))


def generator(engine_id: str) -> GeneratorSpec:
    """The generator with this id. Raises `UnknownEngine`."""
    found = generators()
    if engine_id not in found:
        raise UnknownEngine(
            f"There is no engine called “{engine_id}”.", f"Choose one of: {', '.join(found)}."
        )
    return found[engine_id]
