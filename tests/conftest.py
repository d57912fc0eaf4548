"""What all tests share: Qt without a screen, and property tests that are the same every time."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

import inpaint_core  # noqa: F401  before torch: it says how torch's threads wait
import weights

if TYPE_CHECKING:
    from inpaint_core.inspection.capture import InspectedRun

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# What programs remember about this machine or its user is not for tests to read or write.
# The processes of one run share what is compiled: the first of them says where it is.
_SHARED = "LACUNA_TESTS_CACHE"
_home = tempfile.TemporaryDirectory(prefix="lacuna-tests-")
atexit.register(_home.cleanup)
for _name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
    os.environ[_name] = _home.name
os.environ["XDG_CACHE_HOME"] = os.environ.setdefault(_SHARED, _home.name)

# A slow machine must not fail a test, and a failure must come again on the next run.
settings.register_profile("lacuna", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("lacuna")


@pytest.fixture
def only_base_ships(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All other networks are without weights, whichever ship."""
    (row,) = (row for row in weights.manifest() if row["id"] == "base")
    row |= {name: str(weights.path(row[name])) for name in ("file", "card")}
    folder = tmp_path_factory.mktemp("weights")
    (folder / "manifest.json").write_text(json.dumps({"weights": [row]}), "utf-8")
    monkeypatch.setattr(weights, "FOLDER", folder)


@pytest.fixture
def count_memory_bytes() -> Callable[[InspectedRun], int]:
    """Counts the bytes of an inspected run's arrays that are not mapped from a file."""

    def is_mapped(array: object) -> bool:
        while isinstance(array, np.ndarray) and not isinstance(array, np.memmap):
            array = array.base
        return isinstance(array, np.memmap)

    def count(run: InspectedRun) -> int:
        total = 0
        for capture in run.captures:
            view = capture.generator_pass.view
            arrays = (view.image, view.hole, view.source, view.guide, view.edges)
            for array in (*arrays, *view.priors.values(), *capture.maps.values()):
                if array is not None and array.size and not is_mapped(array):
                    total += array.nbytes
        return total

    return count
