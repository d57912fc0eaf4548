"""Which device a generator runs on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from inpaint_core.contract.errors import BadRequest, DeviceUnavailable
from inpaint_core.contract.specs import GeneratorSpec

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Device:
    """``name`` is "cpu", "cuda" or "mps"; ``note`` is a sentence for a person, or empty."""

    name: str
    note: str = ""


def resolve(wanted: str, spec: GeneratorSpec) -> Device:
    """The device for a generator, from "auto", "cpu", "cuda" or "mps".

    Torch is imported only for a generator that uses it. Raises `BadRequest` for an unknown name
    and `DeviceUnavailable` when a device was asked for that is not there.
    """
    if wanted not in DEVICES:
        raise BadRequest(
            f"There is no device called “{wanted}”.", f"Choose one of: {', '.join(DEVICES)}."
        )
    if not spec.uses_torch:
        if wanted in ("auto", "cpu"):
            return Device("cpu")
        return Device("cpu", f"“{spec.title}” always runs on the CPU; {wanted} was not used.")
    if wanted == "cpu":
        return Device("cpu")
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        for name, available in there.items():
            if available:
                return Device(name)
        return Device("cpu", "No GPU was found that PyTorch can use, so the CPU was used.")
    if not there[wanted]:
        raise DeviceUnavailable(
            f"The device “{wanted}” is not available on this machine.",
            "Choose “auto” or “cpu”, or install a PyTorch build and driver for it.",
        )
    return Device(wanted)


def out_of_memory(error: BaseException) -> bool:
    """True when an error of numpy, OpenCV or torch says that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.STS_NO_MEM
    # Torch has a type for CUDA only; its CPU and Metal allocators raise a plain RuntimeError.
    said = str(error)
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError)
        and any(words in said for words in ("out of memory", "can't allocate memory"))
    )


def free(device: str) -> None:
    """Give memory that torch keeps for later back to the device."""
    if device == "cpu":
        return
    import torch

    (torch.cuda if device == "cuda" else torch.mps).empty_cache()
