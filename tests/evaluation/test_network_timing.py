from __future__ import annotations

import os
import subprocess
import sys

import torch

from inpaint_core.lab.evaluation.network_timing import time_network
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inference import LoadedTsgl
from inpaint_core.networks.tsgl.network import Tsgl


def test_the_floor_has_the_products_and_nothing_else() -> None:
    torch.manual_seed(0)
    net = LoadedTsgl(Tsgl(BASE).eval(), "cpu", torch.float32)
    found = time_network(net, side=64, repeat=1)
    modules = [m for m in net.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert found.products > len(modules)
    assert found.floor.seconds > 0
    assert found.kind == "float32"


def test_threads_are_told_to_sleep_before_torch_is_loaded() -> None:
    program = (
        "import sys, os, inpaint_core; assert 'torch' not in sys.modules;"
        "print(os.environ['OMP_WAIT_POLICY'], os.environ['KMP_BLOCKTIME'])"
    )
    names = ("OMP_WAIT_POLICY", "KMP_BLOCKTIME")
    plain = {name: value for name, value in os.environ.items() if name not in names}
    for extra, wanted in (({}, "PASSIVE 0"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE 0")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**plain, **extra},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == wanted
