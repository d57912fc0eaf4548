"""Peers and this program's engines on the same photos: time, memory and scores of every fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.cases import Sample
from inpaint_core.lab.evaluation.peers.peer import Peer, PeerMissing
from inpaint_core.lab.evaluation.peers.peer_run import run_peer
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape
from inpaint_core.lab.evaluation.score_files import to_plain_values
from inpaint_core.lab.evaluation.scores import PerceptualMetric, Scores, score_fill

_TINY = 0.004, 100  # megapixels and hole pixels of the picture that shows how long a start takes


_FACTS = ("photo", "width", "height", "hole", "peer", "version", "error")
_COSTS = ("start", "seconds", "work", "start_processor", "processor", "processor_work", "peak")


@dataclass(frozen=True, slots=True)
class FoundPeer:
    """A peer that is on this machine.

    ``version``: its own word for it. ``start`` and ``start_processor``: seconds of a run on a
    tiny picture, which is nearly all start; None where that failed.
    """

    peer: Peer
    version: str
    start: float | None
    start_processor: float | None


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One peer on one photo of ``width`` by ``height`` pixels, ``hole`` of them to fill.

    ``seconds``, ``processor``, ``peak`` and the starts as in `PeerRun` and `FoundPeer`, medians
    over the repeats; ``scores`` and they are None where ``error`` says why.
    """

    photo: str
    width: int
    height: int
    hole: int
    peer: str
    version: str
    start: float | None = None
    start_processor: float | None = None
    seconds: float | None = None
    processor: float | None = None
    peak: int | None = None
    scores: Scores | None = None
    error: str | None = None

    @property
    def work(self) -> float | None:
        """Seconds beyond those of a start."""
        if self.seconds is None or self.start is None:
            return None
        return max(self.seconds - self.start, 0.0)

    @property
    def processor_work(self) -> float | None:
        """The same of the processor."""
        if self.processor is None or self.start_processor is None:
            return None
        return max(self.processor - self.start_processor, 0.0)

    def to_plain_values(self) -> dict[str, Any]:
        """The row as JSON values."""
        values = {name: getattr(self, name) for name in (*_FACTS, *_COSTS)}
        return values | {"scores": to_plain_values(self.scores)}


def find_peers(
    peers: Sequence[Peer], limit: float, progress: Progress
) -> tuple[list[FoundPeer], dict[str, PeerMissing]]:
    """Which of ``peers`` are here, and by the title of each other one why it is not.

    Each that is here fills a tiny picture twice: the first time it may compile or index something.
    """
    truth = render_landscape(_TINY[0])
    hole = draw_blob(truth.shape[:2], _TINY[1])
    found: list[FoundPeer] = []
    missing: dict[str, PeerMissing] = {}
    for number, peer in enumerate(peers):
        progress.report(number / len(peers))
        try:
            version = peer.find()
        except PeerMissing as error:
            missing[peer.title] = error
            continue
        start = processor = None
        try:
            runs = [run_peer(peer, truth, hole, limit, progress) for _ in range(2)]
            start, processor = runs[-1].seconds, runs[-1].processor
        except InpaintError:
            pass  # its rows will say what is wrong
        found.append(FoundPeer(peer, version, start, processor))
    return found, missing


def compare_peer(
    found: FoundPeer,
    name: str,
    sample: Sample,
    progress: Progress,
    limit: float = 600.0,
    repeat: int = 1,
    features: PerceptualMetric | None = None,
) -> tuple[PeerRow, Composite | None]:
    """Let one peer fill the photo ``name``; returns its row and what it filled (H, W, 3) uint8.

    A peer that fails gets a row that says so. Raises `Cancelled`.
    """
    height, width = sample.hole.shape
    about = (name, width, height, int(sample.hole.sum()), found.peer.id, found.version)
    starts = found.start, found.start_processor
    try:
        runs = [
            run_peer(found.peer, sample.truth, sample.hole, limit, progress) for _ in range(repeat)
        ]
    except InpaintError as error:
        return PeerRow(*about, *starts, error=str(error.message)), None
    fill = runs[-1].fill
    processor = [run.processor for run in runs if run.processor is not None]
    peaks = [run.peak for run in runs if run.peak is not None]
    row = PeerRow(
        *about,
        *starts,
        seconds=median(run.seconds for run in runs),
        processor=median(processor) if processor else None,
        peak=max(peaks, default=None),
        scores=score_fill(sample.truth, fill, sample.hole, features),
    )
    return row, fill
