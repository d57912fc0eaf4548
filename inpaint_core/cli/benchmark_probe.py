"""The process that ``inpaint benchmark`` starts for every measurement.

Arguments as one JSON object in ``argv[1]``, the measurement as one JSON object on stdout. It does
what ``inpaint fill`` does, with a clock between the steps; no sub-command of its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any


def probe(order: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out ``order``: files ``photo``, ``mask``, ``out``; ``engine``, ``device``,
    ``repeat``, and ``born``, the wall-clock time at which the process was started.

    Returns ``start``, ``warm_up``, ``stages`` (seconds) and ``peak`` (bytes or None); raises what
    the engine raises.
    """
    import numpy as np

    from inpaint_core.cli.report import peak_memory
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape
    from inpaint_core.retouch.fill_files import FillFiles
    from inpaint_core.retouch.fill_task import FillTask

    engine, progress = Engine(), Progress()
    start = time.time() - order["born"]

    began = time.perf_counter()
    tiny = render_landscape(0.01)
    mask = np.where(draw_blob(tiny.shape[:2], 400), 255, 0).astype(np.uint8)
    engine_id, device = order["engine"], order["device"]
    engine.inpaint(InpaintRequest(tiny, mask, FillOptions(engine_id, device)), progress)
    warm_up = time.perf_counter() - began

    files = FillFiles(Path(order["photo"]), Path(order["mask"]), FillOptions(engine_id, device))
    task = FillTask(files, Path(order["out"]), overwrite=True)
    runs: list[dict[str, float]] = []
    for _ in range(order["repeat"]):
        began = time.perf_counter()
        done = task.perform(engine, progress)
        seconds = time.perf_counter() - began
        named = {"read": "decode", "write": "encode"}
        stages = {named.get(name, name): value for name, value in done.timings.items()}
        stages["other"] = max(seconds - sum(stages.values()), 0.0)
        runs.append(stages)
    names = dict.fromkeys(name for run in runs for name in run)
    return {
        "start": start,
        "warm_up": warm_up,
        "stages": {name: median(run.get(name, 0.0) for run in runs) for name in names},
        "peak": peak_memory(),
    }


if __name__ == "__main__":
    from inpaint_core.contract.errors import InpaintError

    try:
        answer = probe(json.loads(sys.argv[1]))
    except InpaintError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "There is not enough memory."}
    print(json.dumps(answer))
