"""This process and those it trains with, as ``torchrun`` starts them: each takes some batches, and
keeps the memory that it frees.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch import distributed as dist

from inpaint_core.contract.errors import BadRequest


@dataclass(frozen=True)
class ProcessGroup:
    """This process: ``rank`` of ``count`` in all, ``local`` on this machine."""

    rank: int = 0
    count: int = 1
    local: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes files and reports."""
        return self.rank == 0

    def share_batches(self, batches: int) -> range:
        """The numbers of a step's batches that this process takes. Raises `BadRequest` if they
        cannot be shared evenly.
        """
        if batches % self.count:
            raise BadRequest("lab.uneven_batches", batches=batches, count=self.count)
        each = batches // self.count
        return range(self.rank * each, (self.rank + 1) * each)

    def sum_tensors(self, tensors: Sequence[Tensor]) -> None:
        """Replace each of ``tensors`` (of one type, on one device) by its sum over the processes,
        the same bits in each.
        """
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, summed in zip(tensors, parts, strict=True):
                tensor.copy_(summed.view_as(tensor))

    def is_any(self, flag: bool, device: str) -> bool:
        """Whether ``flag`` is true in any of the processes."""
        if self.count == 1:
            return flag
        said = torch.tensor(float(flag), device=device)
        dist.all_reduce(said)
        return bool(said > 0)


def join_processes(device: str) -> ProcessGroup:
    """Join the processes that ``torchrun`` started, or stay alone. They communicate by NCCL if
    ``device`` is a GPU, else by gloo.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return ProcessGroup()
    if not dist.is_initialized():
        dist.init_process_group("gloo" if device == "cpu" else "nccl")
    return ProcessGroup(dist.get_rank(), count, int(os.environ.get("LOCAL_RANK", "0")))


def leave_processes() -> None:
    """Leave the group at the end of the run."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


# From glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_LARGEST = 2**31 - 1
_AT_ONCE = 2**26


def keep_freed_memory() -> bool:
    """Let this process keep freed memory for reuse until it ends; True if it does.

    A step frees maps of megabytes each. The GNU C library returns such blocks to the system at
    once, which clears every page when the next step requests them: a twentieth of the time. The
    process never holds more memory than at its peak. Without that library nothing is changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:  # another C library
        return False
    kept = tune(_MMAP_MAX, 0) and tune(_TRIM_THRESHOLD, _LARGEST) and tune(_TOP_PAD, _AT_ONCE)
    return bool(kept)
