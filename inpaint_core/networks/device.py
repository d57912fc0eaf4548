"""The device that a generator runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

from inpaint_core.contract.choices import DEVICES, is_device
from inpaint_core.contract.errors import (
    BadRequest,
    DeviceUnavailable,
    NetworksUnavailable,
    lacks_memory,
)
from inpaint_core.contract.message import Message
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.local.optional_libraries import has_torch

THREADS = 8
"""Threads of torch while a network runs on the CPU, whatever the number of processors. Sums of
normalisations, and some convolutions and products of matrices, are split by threads, so the last
bits depend on their number. On 2 processors 8 threads take 8 % longer than 2."""


@dataclass(frozen=True)
class ResolvedDevice:
    """``name`` is "cpu", "cuda", "cuda:1" or "mps"; ``note``: why it is not the one asked for."""

    name: str
    note: Message | None = None


def resolve_device(wanted: str, spec: GeneratorSpec) -> ResolvedDevice:
    """The device for a generator, from "auto", "cpu", "cuda", "cuda:1" or "mps".

    Imports torch only for a generator that uses it. Raises `BadRequest` for an unknown name,
    `DeviceUnavailable` for a device that this machine lacks and `NetworksUnavailable` where torch
    is needed and not installed.
    """
    if not is_device(wanted):
        raise BadRequest("command.unknown_device", name=wanted, known=DEVICES)
    if not spec.uses_torch:
        if wanted in ("auto", "cpu"):
            return ResolvedDevice("cpu")
        return ResolvedDevice("cpu", Message("engine.cpu_only", engine=spec.title, device=wanted))
    if not has_torch():
        raise NetworksUnavailable("engine.no_torch")
    if wanted == "cpu":
        return ResolvedDevice("cpu")
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        for name, is_available in available.items():
            if is_available:
                return ResolvedDevice(name)
        return ResolvedDevice("cpu", Message("engine.no_gpu"))
    kind, _, number = wanted.partition(":")
    if not available[kind] or (number and int(number) >= torch.cuda.device_count()):
        raise DeviceUnavailable("engine.device_unavailable", device=wanted)
    return ResolvedDevice(wanted)


@contextmanager
def fix_threads() -> Iterator[None]:
    """Run torch on `THREADS` threads inside the block, then on as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of NumPy, OpenCV or torch says that memory ran out."""
    if lacks_memory(error):
        return True
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.STS_NO_MEM
    # Torch has a type for CUDA only; its CPU and Metal allocators raise a plain RuntimeError.
    text = str(error)
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError)
        and any(words in text for words in ("out of memory", "can't allocate memory"))
    )


def free_memory(device: str) -> None:
    """Return the memory that torch caches to the device, or to all devices of its kind."""
    if device == "cpu":
        return
    import torch

    (torch.mps if device == "mps" else torch.cuda).empty_cache()
