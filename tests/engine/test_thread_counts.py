"""The same request gives the same bytes on one processor and on many."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from inpaint_core.raster.distance import measure_distance

ROOT = Path(__file__).resolve().parents[2]

FILLS = """
import hashlib, os, sys
threads = int(sys.argv[2])
sys.path.insert(0, sys.argv[1])
os.cpu_count = lambda: threads
import cv2, numpy as np, torch
cv2.setNumThreads(threads)
torch.set_num_threads(threads)
from inpaint_core.contract.geometry import Plane
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.engine.engine import Engine
from inpaint_core.networks.device import fix_threads
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inference import LoadedTsgl
from inpaint_core.networks.tsgl.network import Tsgl


def show(name, *arrays):
    parts = (array if isinstance(array, bytes) else array.tobytes() for array in arrays)
    print(name, hashlib.sha256(b"".join(parts)).hexdigest())


y, x = np.mgrid[:600, :700]
grain = np.random.default_rng(1).integers(-20, 20, (600, 700, 3))
image = (120 + 60 * np.sin(x / 9 + y / 23)[..., None] + grain).clip(0, 255).astype(np.uint8)
mask = np.zeros((600, 700), np.uint8)
cv2.ellipse(mask, (350, 290), (150, 110), 30, 0, 360, 255, -1)
for engine in ("exemplar", "harmonic"):
    options = FillOptions(engine=engine, seed=3, device="cpu", grow=9, feather=6)
    result = Engine().inpaint(InpaintRequest(image, mask, options), Progress())
    show(engine, result.pixels, result.strength)
corners = ((20.0, 10.0), (680.0, 190.0), (680.0, 400.0), (20.0, 590.0))
options = FillOptions(engine="exemplar", seed=3, planes=(Plane(corners),))
result = Engine().inpaint(InpaintRequest(image, mask, options), Progress())
show("plane", result.pixels, result.strength)
wall = np.tile(np.pad(np.ones((24, 30)), 3), (20, 20))[:600, :700].astype(np.float32)
matrix = cv2.getPerspectiveTransform(
    np.float32([[0, 0], [700, 0], [700, 600], [0, 600]]), np.float32(corners)
)
seen = cv2.warpPerspective(wall, matrix, (700, 600))[..., None] * 150
facade = (seen + 50 + grain / 4).clip(0, 255).astype(np.uint8)
result = Engine().inpaint(
    InpaintRequest(facade, mask, FillOptions(engine="exemplar", perspective="always")), Progress()
)
show("found", result.pixels, *map(str.encode, sorted(str(note.key) for note in result.notes)))
torch.manual_seed(0)
small = image[100:356, 200:456] / np.float32(255)
hole = mask[100:356, 200:456] > 0
with fix_threads():  # random numbers are drawn in as many parts
    loaded = LoadedTsgl(Tsgl(BASE).eval(), "cpu", torch.float32)
show("network", loaded.infer(View(small.astype(np.float32), hole, ~hole))[0])
assert torch.get_num_threads() == threads
"""


def test_fills_do_not_depend_on_the_number_of_threads() -> None:
    shown = set()
    for threads in (1, 2, 8):
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", FILLS, str(ROOT), str(threads)],
            env={**os.environ, **dict.fromkeys(names, str(threads))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        shown.add(done.stdout)
    (lines,) = shown
    assert len(lines.splitlines()) == 5


@pytest.mark.parametrize("seed", range(4))
def test_distances_do_not_depend_on_the_number_of_threads(seed: int) -> None:
    random = np.random.default_rng(seed)
    outside = np.ones((716, 611), np.uint8)
    for _ in range(3):
        middle = (int(random.integers(611)), int(random.integers(716)))
        size = (int(random.integers(2, 90)), int(random.integers(2, 90)))
        cv2.ellipse(outside, middle, size, float(random.integers(360)), 0, 360, 0, -1)
    before = cv2.getNumThreads()
    found = []
    try:
        for threads in (1, 2, 3, 8):
            cv2.setNumThreads(threads)
            found.append(measure_distance(outside > 0))
    finally:
        cv2.setNumThreads(before)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
    # The nearest float32 of the root of a whole number.
    squares = np.rint(found[0].astype(np.float64) ** 2)
    np.testing.assert_array_equal(np.sqrt(squares).astype(np.float32), found[0])
