"""In which precision a network runs: half where that is faster, tried once and remembered.

GPUs that PyTorch supports gain from half precision as a rule. CPUs differ: with AMX or AVX-512
BF16 units bfloat16 is several times faster than float32, without them several times slower, and
what a virtual machine lets through cannot be told from the CPU's name. So one convolution is timed
both ways at the first start.
"""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.arrays import Precision
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo.atomic_file import replacing

if TYPE_CHECKING:
    from torch import dtype

GAIN = 0.8
"""bfloat16 must take at most this share of float32's time: it costs accuracy."""

_REPEATS = 10
_CHANNELS = 64
_SIDES = (16, 64)
"""A small picture first: where bfloat16 is emulated, a large one would take seconds."""


def low_precision(
    device: str, cache: Path | None = None, faster: Callable[[], bool] | None = None
) -> bool:
    """Whether networks run in half precision on "cpu", "cuda" or "mps".

    On the CPU ``faster`` (by default `bfloat16_is_faster`) decides at the first call, and the
    answer is kept in the file ``cache`` (by default in the user's cache folder) for this kind of
    CPU and this version of PyTorch. A cache that cannot be read or written is done without.
    """
    import torch

    if device == "mps":
        return True
    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device) >= (7, 0)  # from here on with tensor cores
    path = cache_file() if cache is None else cache
    known = _read(path)
    key = f"{cpu_name()}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"
    answer = known.get(key)
    if not isinstance(answer, bool):
        answer = (bfloat16_is_faster if faster is None else faster)()
        _write(path, {**known, key: answer})
    return answer


def compute_dtype(device: str, precision: Precision = "auto") -> dtype:
    """What networks compute in: float32 or, where `low_precision` says so, bfloat16 on the CPU,
    whose units know no float16, and float16, which is finer, on GPUs; or what was asked for.
    """
    import torch

    if precision != "auto":
        found: dtype = getattr(torch, precision)
        return found
    if not low_precision(device):
        return torch.float32
    return torch.bfloat16 if device == "cpu" else torch.float16


def bfloat16_is_faster() -> bool:
    """Time a convolution as networks have them both ways: some hundredths of a second, and once
    in a process as long again as PyTorch takes to prepare its kernels.
    """
    import torch
    from torch.nn import functional as F

    best: dict[dtype, float] = {}
    for side in _SIDES:
        best = {}
        shapes = ((1, _CHANNELS, side, side), (_CHANNELS, _CHANNELS, 3, 3))
        pairs = {
            kind: [
                torch.full(shape, 0.1, dtype=kind).to(memory_format=torch.channels_last)
                for shape in shapes
            ]
            for kind in (torch.float32, torch.bfloat16)
        }
        with torch.inference_mode():
            for repeat in range(_REPEATS):  # the first prepares the kernels
                for kind, (image, weight) in pairs.items():
                    began = time.process_time()  # a busy machine must not decide for all time
                    F.conv2d(image, weight, padding=1)
                    took = time.process_time() - began
                    if repeat:
                        best[kind] = min(took, best.get(kind, took))
        # Of the small picture only a clear defeat counts: most of its time is not computing.
        if best[torch.bfloat16] > 4 * best[torch.float32]:
            return False
    return best[torch.bfloat16] <= GAIN * best[torch.float32]


def cpu_name() -> str:
    """What the CPU calls itself, as far as the system says."""
    system = platform.system()
    try:
        if system == "Linux":
            for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
        if system == "Darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()


def cache_file() -> Path:
    """Where the answers are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("Lacuna", appauthor=False) / "precision.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, answers: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, True) as stream:
            stream.write((json.dumps(answers, indent=2) + "\n").encode())
    except (OSError, CannotWrite):
        return  # it will be measured again
