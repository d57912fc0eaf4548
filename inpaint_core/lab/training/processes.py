"""Several processes on one run, as ``torchrun`` starts them: each takes some batches of a step."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch import distributed as dist

from inpaint_core.contract.errors import BadRequest


@dataclass(frozen=True)
class Processes:
    """This process: ``rank`` of ``count`` in all, ``local`` on this machine."""

    rank: int = 0
    count: int = 1
    local: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and speaks."""
        return self.rank == 0

    def share(self, batches: int) -> range:
        """Which of a step's batches are this process's. Raises `BadRequest` when they cannot be
        dealt out evenly.
        """
        if batches % self.count:
            raise BadRequest(
                f"{batches} batches per step cannot be shared by {self.count} processes.",
                f"Set “accumulate” to a multiple of {self.count}.",
            )
        each = batches // self.count
        return range(self.rank * each, (self.rank + 1) * each)

    def total(self, tensors: Sequence[Tensor]) -> None:
        """Replace each of ``tensors`` (of one type, on one device) by its sum over the processes;
        every process gets the same bits.
        """
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, summed in zip(tensors, parts, strict=True):
                tensor.copy_(summed.view_as(tensor))

    def any(self, flag: bool, device: str) -> bool:
        """Whether ``flag`` is true in any of the processes."""
        if self.count == 1:
            return flag
        said = torch.tensor(float(flag), device=device)
        dist.all_reduce(said)
        return bool(said > 0)


def joined(device: str) -> Processes:
    """The processes that ``torchrun`` started, or this one alone. They speak by NCCL where
    ``device`` is a GPU, else by gloo.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Processes()
    if not dist.is_initialized():
        dist.init_process_group("gloo" if device == "cpu" else "nccl")
    return Processes(dist.get_rank(), count, int(os.environ.get("LOCAL_RANK", "0")))


def parted() -> None:
    """Leave the others, at the end of the run."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
