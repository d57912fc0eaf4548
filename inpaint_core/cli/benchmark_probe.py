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
    from dataclasses import replace

    import numpy as np

    from inpaint_core.cli.peak_memory import peak_memory
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.lab.evaluation.timing_scenes import blob, scene
    from inpaint_core.photo.read_photo import read_mask, read_photo
    from inpaint_core.photo.write_photo import write_photo

    engine, progress = Engine(), Progress()
    start = time.time() - order["born"]

    began = time.perf_counter()
    tiny = scene(0.01)
    mask = np.where(blob(tiny.shape[:2], 400), 255, 0).astype(np.uint8)
    how = {"engine": order["engine"], "device": order["device"]}
    engine.inpaint(InpaintRequest(image=tiny, mask=mask, **how), progress)
    warm_up = time.perf_counter() - began

    runs: list[dict[str, float]] = []
    for _ in range(order["repeat"]):
        began = time.perf_counter()
        photo = read_photo(Path(order["photo"]))
        mask = read_mask(Path(order["mask"]), photo.pixels.shape[:2])
        decoded = time.perf_counter()
        request = InpaintRequest(image=photo.pixels, mask=mask, **how)
        result = engine.inpaint(request, progress)
        filled = time.perf_counter()
        stages = {"decode": decoded - began, **result.timings}
        stages["other"] = max(filled - decoded - sum(result.timings.values()), 0.0)
        changed = replace(photo, pixels=result.applied_to(photo.pixels))
        write_photo(Path(order["out"]), changed, overwrite=True)
        stages["encode"] = time.perf_counter() - filled
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
