"""The precision in which networks run: half precision where it is faster, measured once.

GPUs that PyTorch supports usually gain from half precision. CPUs differ: with AMX or AVX-512 BF16
units bfloat16 is several times faster than float32, without them several times slower, and the
CPU's name does not tell what a virtual machine exposes. So one convolution is timed both ways at
the first start.
"""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.local.own_folders import cache_folder
from inpaint_core.photo.atomic_file import write_atomically

if TYPE_CHECKING:
    from torch import dtype

GAIN = 0.8
"""bfloat16 must take at most this share of float32's time, as it costs accuracy."""

_REPEATS = 10
_CHANNELS = 64
_SIDES = (16, 64)
"""A small image first: where bfloat16 is emulated, a large one would take seconds."""


def uses_half_precision(
    device: str, cache: Path | None = None, faster: Callable[[], bool] | None = None
) -> bool:
    """Whether networks run in half precision on "cpu", "cuda" or "mps".

    On the CPU ``faster`` (by default `bfloat16_is_faster`) decides at the first call; the answer is
    kept in the file ``cache`` (by default in the user's cache folder) for this type of CPU and this
    version of PyTorch. A cache that cannot be read or written is ignored.
    """
    import torch

    if device == "mps":
        return True
    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device) >= (7, 0)  # has tensor cores
    path = find_cache_file() if cache is None else cache
    known = _read(path)
    key = f"{read_cpu_name()}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"
    answer = known.get(key)
    if not isinstance(answer, bool):
        answer = (bfloat16_is_faster if faster is None else faster)()
        _write(path, {**known, key: answer})
    return answer


def choose_dtype(device: str, precision: Precision = "auto", bears_float16: bool = True) -> dtype:
    """The type that a network computes in: the given ``precision`` or, for "auto", float32 unless
    `uses_half_precision`; then bfloat16 on the CPU, which does not support float16, and the more
    accurate float16 on GPUs.

    A network that does not bear float16, whose range ends at 65,504, gets bfloat16 instead, or
    float32 where the device has no bfloat16.
    """
    import torch

    if precision == "auto":
        half: Precision = "bfloat16" if device == "cpu" else "float16"
        precision = half if uses_half_precision(device) else "float32"
    if precision == "float16" and not bears_float16:
        precision = "bfloat16" if has_bfloat16(device) else "float32"
    chosen: dtype = getattr(torch, precision)
    return chosen


def has_bfloat16(device: str) -> bool:
    """Whether the device computes in bfloat16 by itself."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device) >= (8, 0)  # from Ampere on
    return device != "mps" or torch.backends.mps.is_macos_or_newer(14, 0)


def bfloat16_is_faster() -> bool:
    """Time a typical convolution in both types. Takes some hundredths of a second, plus the time
    that PyTorch needs once per process to prepare its kernels.
    """
    import torch
    from torch.nn import functional as F

    best: dict[dtype, float] = {}
    for side in _SIDES:
        best = {}
        shapes = ((1, _CHANNELS, side, side), (_CHANNELS, _CHANNELS, 3, 3))
        last = torch.channels_last
        pairs = {
            kind: [torch.full(shape, 0.1, dtype=kind).to(memory_format=last) for shape in shapes]
            for kind in (torch.float32, torch.bfloat16)
        }
        with torch.inference_mode():
            for repeat in range(_REPEATS):  # the first prepares the kernels
                for kind, (image, weight) in pairs.items():
                    start = time.process_time()  # the answer is kept: other load must not count
                    F.conv2d(image, weight, padding=1)
                    seconds = time.process_time() - start
                    if repeat:
                        best[kind] = min(seconds, best.get(kind, seconds))
        # On the small image only a clear defeat counts, as most of its time is overhead.
        if best[torch.bfloat16] > 4 * best[torch.float32]:
            return False
    return best[torch.bfloat16] <= GAIN * best[torch.float32]


def read_cpu_name() -> str:
    """The CPU's name, as far as the system tells it."""
    system = platform.system()
    try:
        if system == "Linux":
            for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
        if system == "Darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True).strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()


def find_cache_file() -> Path:
    """The file in the user's cache folder that keeps the answers."""
    return cache_folder() / "precision.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        answers = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return answers if isinstance(answers, dict) else {}


def _write(path: Path, answers: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(path, True) as stream:
            stream.write((json.dumps(answers, indent=2) + "\n").encode())
    except (OSError, CannotWrite):
        return  # it will be measured again
