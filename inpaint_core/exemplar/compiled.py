"""How the inner loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])

# All of fast-math but "no NaN, no Inf": sums may be reordered and so vectorised, infinities are
# used as limits.
_REORDERED = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: _Function) -> _Function:
    """``function`` compiled on its first call, kept on disk, and run without the GIL."""
    return _compile(function, fastmath=False)


def vectorised(function: _Function) -> _Function:
    """As `compiled`, with sums in any order."""
    return _compile(function, fastmath=_REORDERED)


def _compile(function: _Function, fastmath: set[str] | bool) -> _Function:
    return cast("_Function", njit(nogil=True, cache=True, fastmath=fastmath)(function))
