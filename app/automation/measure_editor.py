"""``inpaint benchmark --editor``: the editor in a process of its own, played by scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.automation.editor_measurements import (
    Step,
    opened_found,
    painting_found,
    painting_script,
    startup_found,
    startup_script,
)
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress

_POLL = 0.1


def measure(
    progress: Progress, megapixels: tuple[float, float] = (24.0, 60.0), rehearse: bool = True
) -> dict[str, float]:
    """Measure the goals of `app.automation.editor_measurements` with photos of these sizes.

    ``rehearse``: start the editor once in advance, as the first start after an installation also
    compiles what is imported.
    Needs no screen. Raises `BadRequest` where the editor is not installed or a step fails, and
    `Cancelled`.
    """
    small, large = megapixels
    with tempfile.TemporaryDirectory(prefix="inpaint-editor-") as name:
        folder = Path(name)
        progress.report(0.0, "starting the editor")
        if rehearse:
            _played(folder, startup_script(), progress)
        progress.report(0.2, f"{small:g} MP")
        script = painting_script("small.jpg", _photo(folder / "small.jpg", small), full=False)
        born, reports = _played(folder, script, progress)
        found = startup_found(born, reports) | {"open_24": opened_found(reports)}
        progress.report(0.5, f"{large:g} MP")
        script = painting_script("large.jpg", _photo(folder / "large.jpg", large), full=True)
        reports = _played(folder, script, progress)[1]
        found["open_60"] = opened_found(reports)
        return found | painting_found(reports)


def load() -> str:
    """How busy the machine is, in words; empty where the system does not say."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f}"


def _photo(path: Path, megapixels: float) -> tuple[int, int]:
    """Write a photo there; its width and height."""
    from PIL import Image

    from inpaint_core.lab.evaluation.timing_scenes import scene

    picture = Image.fromarray(scene(megapixels))
    picture.save(path, quality=92)
    return picture.size


def _played(
    folder: Path, script: Sequence[Step], progress: Progress
) -> tuple[float, list[dict[str, Any]]]:
    """When the editor was started, and what it printed of each step."""
    path = folder / "script.jsonl"
    path.write_text("\n".join(json.dumps(dict(step)) for step in script), encoding="utf-8")
    born = time.time()
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "--play", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    with child:
        try:
            while True:
                try:
                    out, err = child.communicate(timeout=_POLL)
                    break
                except subprocess.TimeoutExpired:
                    progress.check()
        finally:
            child.kill()
    if child.returncode != 0:
        last = (err.strip().splitlines() or [f"it ended with code {child.returncode}"])[-1]
        raise BadRequest(
            f"The editor could not be measured: {last}",
            "“lacuna --play” says more about a script.",
        )
    return born, [json.loads(line) for line in out.splitlines()]
