from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

import inpaint_core
from inpaint_core.cli.report import peak_memory


def test_the_peak_grows_with_what_is_held_and_stays() -> None:
    # In a process of its own: this one may have held more before.
    code = """
from inpaint_core.cli.report import peak_memory
import numpy as np
before = peak_memory()
held = np.ones(25_000_000)
during = peak_memory()
del held
print(during - before, peak_memory() - during)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(inpaint_core.__file__).parents[1],
    )
    grown, after = map(int, done.stdout.split())
    assert 190e6 < grown < 230e6
    assert after > -5e6  # the kernel's count is a few pages off


def test_a_large_parent_does_not_count() -> None:
    held = np.ones(25_000_000)
    assert held.size
    done = subprocess.run(
        [sys.executable, "-c", "from inpaint_core.cli.report import *; print(peak_memory())"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(inpaint_core.__file__).parents[1],
    )
    assert int(done.stdout) < 100e6
    assert (peak_memory() or 0) > 200e6
