"""The editor is killed while it paints, fills, saves and exports: nothing is lost.

LACUNA_KILLS says how often; some moments are tried in every run of the tests.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import killing
import numpy as np
import pytest
from making import opened, photo_at, told

from app.document.history_snapshot import restore_edits
from app.session.recovery.unsaved_work import find_unsaved_work
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.project.photo_location import find_photo, sha256
from inpaint_core.project.read_project import read_project

ROOT = Path(__file__).resolve().parents[2]
SHAPE = (420, 610)


def killed(folder: Path, chance: random.Random) -> int:
    """Start the editor, kill it at some moment; the last stroke that it said was kept."""
    child = subprocess.Popen(
        [sys.executable, killing.__file__, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(chance.randrange(1, 40))]
    time.sleep(chance.uniform(0, 0.05))
    child.send_signal(signal.SIGKILL)
    rest = child.communicate()[0].splitlines(keepends=True)
    return int([line for line in [*said, *rest] if line.endswith("\n")][-1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("attempt", range(int(os.environ.get("LACUNA_KILLS", "5"))))
def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path, attempt: int) -> None:
    chance = random.Random(attempt)
    photo = photo_at(tmp_path / "photo.png", shape=SHAPE)
    before = sha256(photo)
    last = killed(tmp_path, chance)

    assert sha256(photo) == before
    ours = {"photo.png", "work.lacuna", "copy.png", "copy.tif", "settings.ini", "state", "cache"}
    ours.add("children")
    for path in tmp_path.iterdir():
        # What was being written has a hidden name of its own, never the final one.
        assert path.name in ours or (path.name.startswith(".") and path.suffix == ".part"), path

    for name in ("copy.png", "copy.tif"):
        if (tmp_path / name).exists():
            assert read_photo(tmp_path / name).shape == SHAPE
    if (tmp_path / "work.lacuna").exists():
        with read_project(tmp_path / "work.lacuna") as project:
            told(project)
            found = find_photo(project.original, project.path)
            assert found is not None
            assert found.same
            document = opened(photo)
            restore_edits(document, project.edits, project.position)
            assert killing.marks(document.protect) <= last + 2

    (left,) = find_unsaved_work(tmp_path / "state")
    assert (left.path, left.photo_state) == (photo, "same")
    document = opened(photo)
    left.restore(document)
    left.discard()
    # What the journal said it holds is there, and perhaps the stroke that came next.
    assert last + 1 <= killing.marks(document.protect) <= last + 2
    # Of a fill there is all or nothing: what was filled has the transparency of what is around.
    filled = (document.pixels != document.photo.pixels).any(axis=2)
    thinned = document.alpha != document.photo.alpha
    assert np.count_nonzero(filled & thinned) >= 0.9 * np.count_nonzero(filled | thinned)
    if sys.platform == "linux":
        for process in (tmp_path / "children").read_text().split():
            assert ended(int(process))


def ended(process: int) -> bool:
    """True when a process has gone; it may take a moment after its parent."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False
