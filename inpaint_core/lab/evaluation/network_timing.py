"""How far a network's pass is from what its products of matrices alone would take.

The floor is the time of the same convolutions and products, one after the other: same shapes, same
strides in memory, same type, same threads, and nothing between them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from inpaint_core.contract.request import View
from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape
from inpaint_core.networks.device import fix_threads
from inpaint_core.networks.loaded_network import LoadedNetwork

_PRODUCTS = ("convolution", "mm", "addmm", "bmm", "baddbmm")


@dataclass(frozen=True, slots=True)
class Duration:
    """``seconds`` on the clock and of the ``processor``, all cores together."""

    seconds: float
    processor: float


@dataclass(frozen=True, slots=True)
class NetworkTiming:
    """One pass over a square picture with a hole: the ``first`` one of the process, later ones on
    a ``quiet`` machine and beside one ``busy`` process, and the ``floor`` of a pass.

    ``products``: how many convolutions and products of matrices; ``kind``: their type;
    ``threads``: of torch.
    """

    side: int
    kind: str
    threads: int
    products: int
    first: Duration
    quiet: Duration
    busy: Duration
    floor: Duration


def time_network(net: LoadedNetwork, side: int = 512, repeat: int = 5) -> NetworkTiming:
    """Time a network on the CPU, on a picture of ``side`` by ``side`` pixels, a multiple of 64.

    The figures are medians of ``repeat`` turns, in each of which the network and its floor are
    timed one after the other.
    """
    inputs = net.inputs(_draw_view(side))

    def run() -> None:
        net.network(inputs)

    with fix_threads(), torch.inference_mode():
        first = _time(run)
        calls = _list_products(net, inputs)
        quiet: list[Duration] = []
        floor: list[Duration] = []
        for _ in range(repeat):
            quiet.append(_time(run))
            floor.append(_time_products(calls))
        with subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) as other:
            try:
                busy = [_time(run) for _ in range(repeat)]
            finally:
                other.kill()
        return NetworkTiming(
            side,
            str(net.dtype).removeprefix("torch."),
            torch.get_num_threads(),
            sum(calls.values()),
            first,
            _find_median(quiet),
            _find_median(busy),
            _find_median(floor),
        )


def _draw_view(side: int) -> View:
    scene = render_landscape(side * side / 1e6 * 2)[:side, :side]
    picture = np.asarray(scene / np.float32(255), np.float32)
    hole = draw_blob((side, side), side * side // 10)
    picture[hole] = 0
    return View(image=picture, hole=hole, source=~hole)


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Collects what is multiplied: the operator, its tensors' shapes and strides, the rest."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: Counter[tuple[Any, ...]] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func.overloadpacket.__name__ in _PRODUCTS:
            self.calls[func, *map(_describe, args)] += 1
        return func(*args, **(kwargs or {}))


def _describe(value: Any) -> Any:
    if isinstance(value, Tensor):
        return Tensor, tuple(value.shape), value.stride(), value.dtype
    return tuple(value) if isinstance(value, list) else value


def _list_products(net: LoadedNetwork, inputs: Any) -> Counter[tuple[Any, ...]]:
    # Not in inference mode, in which composite operators are not taken apart.
    recorder = _Recorder()
    with torch.inference_mode(False), torch.no_grad(), recorder:
        net.network(inputs)
    return recorder.calls


def _time_products(calls: Counter[tuple[Any, ...]]) -> Duration:
    seconds = processor = 0.0
    for (operator, *described), count in calls.items():
        values = [_make(each) for each in described]

        def run(operator: Any = operator, values: list[Any] = values, count: int = count) -> None:
            for _ in range(count):
                operator(*values)

        once = _time(run)
        seconds, processor = seconds + once.seconds, processor + once.processor
    return Duration(seconds, processor)


def _make(described: Any) -> Any:
    if not (isinstance(described, tuple) and described and described[0] is Tensor):
        return list(described) if isinstance(described, tuple) else described
    _, shape, strides, kind = described
    value = torch.empty_strided(shape, strides, dtype=kind)
    return (
        value.fill_(0.5) if value.numel() and 0 not in strides else torch.zeros(shape, dtype=kind)
    )


def _time(run: Callable[[], None]) -> Duration:
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return Duration(time.perf_counter() - clock, time.process_time() - processor)


def _find_median(durations: list[Duration]) -> Duration:
    return Duration(median(d.seconds for d in durations), median(d.processor for d in durations))
