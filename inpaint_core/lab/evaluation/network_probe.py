"""The process that ``inpaint benchmark --network`` starts, to see the first use of a network too.

Arguments as one JSON object in ``argv[1]``, the measurement as one JSON object on stdout.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def probe(weights: str, repeat: int) -> dict[str, Any]:
    """Time a network of the manifest on the CPU: “imported” (torch), “loaded” and what
    `NetworkTiming` has, durations as their “seconds” and “processor”.

    Raises `WeightsUnavailable`.
    """
    from dataclasses import asdict

    def since(start: tuple[float, float]) -> dict[str, float]:
        return {
            "seconds": time.perf_counter() - start[0],
            "processor": time.process_time() - start[1],
        }

    start = time.perf_counter(), time.process_time()
    import torch  # noqa: F401

    imported = since(start)
    start = time.perf_counter(), time.process_time()
    from inpaint_core.networks.registry import load_network

    net = load_network(weights, "cpu")
    loaded = since(start)
    from inpaint_core.lab.evaluation.network_timing import time_network

    return {"imported": imported, "loaded": loaded, **asdict(time_network(net, repeat=repeat))}


if __name__ == "__main__":
    print(json.dumps(probe(**json.loads(sys.argv[1]))))
