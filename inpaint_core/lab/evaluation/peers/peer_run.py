"""One run of a peer in a temporary folder: what it took, and the fill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.peers import child_clock
from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFailed, PeerFiles
from inpaint_core.lab.evaluation.pixel_metrics import Composite

_POLL = 0.1  # seconds between two looks at whether the work is cancelled


@dataclass(frozen=True, eq=False, slots=True)
class PeerRun:
    """What a run took, from the start of the program to its end: ``seconds`` on the clock, of the
    ``processor`` (all cores together), and the ``peak`` of memory in bytes, None where the system
    does not tell; ``fill``: the photo with the hole filled, (H, W, 3) uint8.
    """

    seconds: float
    processor: float | None
    peak: int | None
    fill: Composite


def run_peer(
    peer: Peer, truth: Composite, hole: BoolMask, limit: float, progress: Progress
) -> PeerRun:
    """Let ``peer`` fill the ``hole`` (H, W) bool of ``truth`` (H, W, 3) uint8.

    Raises `PeerFailed` when it fails, runs for more than ``limit`` seconds or writes no picture of
    that size, `PeerMissing`, and `Cancelled`.
    """
    with tempfile.TemporaryDirectory(prefix="inpaint-peer-") as name:
        folder = Path(name)
        files = PeerFiles(folder / "photo.png", folder / "mask.png", folder / "out.png")
        seen = np.where(hole[..., None], np.uint8(0), truth)
        Image.fromarray(seen).save(files.photo, compress_level=1)
        Image.fromarray(np.where(hole, 255, 0).astype(np.uint8)).save(files.mask)
        answer = _run(peer.command(files), limit, progress)
        if answer["code"] != 0 or not files.out.is_file():
            lines = answer["said"].strip().splitlines() or [f"exit code {answer['code']}"]
            raise PeerFailed("lab.peer_failed", program=peer.title, reason=lines[-1])
        try:
            with Image.open(files.out) as picture:
                fill = np.array(picture.convert("RGB"))
        except OSError as error:
            raise PeerFailed("lab.peer_failed", program=peer.title, reason=error) from error
    if fill.shape != truth.shape:
        raise PeerFailed("lab.peer_wrong_size", program=peer.title, size=str(fill.shape))
    return PeerRun(answer["seconds"], answer["processor"], answer["peak"], fill)


def _run(command: list[str], limit: float, progress: Progress) -> dict[str, Any]:
    clock = [sys.executable, "-S", "-E", str(child_clock.__file__), *command]
    with subprocess.Popen(clock, stdout=subprocess.PIPE, start_new_session=True) as child:
        end = time.monotonic() + limit
        try:
            while True:
                try:
                    out, _ = child.communicate(timeout=_POLL)
                    break
                except subprocess.TimeoutExpired:
                    progress.check()
                    if time.monotonic() > end:
                        raise PeerFailed("lab.peer_too_slow", seconds=limit) from None
        finally:
            _end(child)
    answer: dict[str, Any] = json.loads(out)
    return answer


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the clock and what it started, if they are still there."""
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True)
    else:
        os.killpg(child.pid, signal.SIGKILL)
