"""Freed memory that a process keeps."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy as np
from inpaint_core.lab.training.processes import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
counts = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = np.empty(2**26, np.uint8)
    block.fill(1)
    del block
    counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(counts[-1])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is the GNU C library’s")
def test_a_block_that_comes_again_needs_no_new_pages() -> None:
    found = {}
    for how in ("keep", "leave"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True
        )
        found[how] = int(done.stdout)
    assert found["keep"] < found["leave"] / 10 or found["keep"] == 0
