"""The priors that there are, found by scanning their folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from inpaint_core.contract.specs import PriorSpec


@cache
def priors() -> Mapping[str, PriorSpec]:
    """Every prior by id, in alphabetical order, from one scan of the folder.

    Raises ValueError when a file's name is not its prior's id, so no id can come twice.
    """
    from inpaint_core import priors as package

    found: dict[str, PriorSpec] = {}
    for name in sorted({m.name for m in pkgutil.iter_modules(package.__path__)} - {"registry"}):
        spec = importlib.import_module(f"{package.__name__}.{name}").SPEC
        if spec.id != name:
            raise ValueError(f"the prior in {name}.py is called {spec.id!r}")
        found[name] = spec
    return MappingProxyType(found)
