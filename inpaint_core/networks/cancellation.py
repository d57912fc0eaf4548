"""Cancellation inside a forward pass, not only after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    import torch


@contextmanager
def cancellable(net: Any, progress: Progress) -> Iterator[None]:
    """Raise `Cancelled` before the next leaf module of ``net`` runs once ``progress`` is cancelled.

    ``net`` is what a generator's ``build`` returned: a module, or a mapping, list or tuple of
    modules. The hooks are always removed on exit. Imports torch.
    """

    def check(module: torch.nn.Module, arguments: Any) -> None:
        progress.check()  # returns None: a value would replace the module's input

    handles = [leaf.register_forward_pre_hook(check) for leaf in _find_leaves(net)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _find_leaves(net: Any) -> Iterator[torch.nn.Module]:
    import torch

    if isinstance(net, torch.nn.Module):
        yield from (module for module in net.modules() if not any(True for _ in module.children()))
    elif isinstance(net, Mapping):
        for value in net.values():
            yield from _find_leaves(value)
    elif isinstance(net, (list, tuple)):
        for value in net:
            yield from _find_leaves(value)
