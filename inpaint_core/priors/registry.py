"""The registered priors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from inpaint_core.contract.specs import PriorSpec, load_specs


@cache
def priors() -> Mapping[str, PriorSpec]:
    """Every prior of this folder by id, in alphabetical order."""
    from inpaint_core import priors as package

    return load_specs(package)
