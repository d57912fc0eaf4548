"""What is scored (folders of finished fills, this program's own engines), and scoring a photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import ClassVar, Protocol

import numpy as np

from inpaint_core.contract.errors import BadRequest, FileUnreadable, InpaintError
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import find_usable, generators
from inpaint_core.lab.evaluation.cases import Case, Sample, list_pictures, load_sample, to_eight_bit
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scores import PerceptualMetric, Scores, score_fill
from inpaint_core.photo.read_photo import read_photo

WITHOUT_NATIVE_STAGE = "-alone"
"""Suffix of an engine's id: without its native-resolution stage."""


class Candidate(Protocol):
    """Something that fills holes."""

    @property
    def name(self) -> str:
        """The name of its row in the table."""
        ...

    @property
    def is_timed(self) -> bool:
        """Whether the time that `fill` takes is meaningful."""
        ...

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """The photo with the hole filled, (H, W, 3) uint8; only hole pixels are used.

        Raises an `InpaintError` if there is no fill.
        """
        ...


@dataclass(frozen=True)
class FolderCandidate:
    """A folder of fills made elsewhere: pictures with the photo's size and stem.

    A picture with an alpha channel must be opaque in the hole.
    """

    name: str
    folder: Path
    files: dict[str, Path]
    is_timed: ClassVar[bool] = False  # the time to read a file says nothing about the fill

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """Read the fill with the case's stem."""
        path = self.files.get(case.name)
        if path is None:
            raise FileUnreadable("lab.no_fill", folder=self.folder, photo=case.name)
        photo = read_photo(path)
        if photo.pixels.shape != sample.truth.shape:
            height, width = sample.truth.shape[:2]
            raise BadRequest("lab.fill_wrong_size", name=path, width=width, height=height)
        if photo.alpha is not None:
            opaque = photo.alpha > np.iinfo(photo.alpha.dtype).max // 2
            if not opaque[sample.hole].all():
                raise BadRequest("lab.transparent_fill", name=path)
        return to_eight_bit(photo.pixels)


@dataclass(frozen=True)
class EngineCandidate:
    """The generator ``id``, run by ``engine``; ``name`` is the name of its row."""

    name: str
    id: str
    engine: Engine
    seed: int = 0
    device: str = "auto"
    is_timed: ClassVar[bool] = True

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """Fill the hole without feather, which would change known pixels that are not scored."""
        request = InpaintRequest(
            image=sample.truth,
            mask=np.where(sample.hole, 255, 0).astype(np.uint8),
            options=FillOptions(engine=self.id, seed=self.seed, feather=0.0, device=self.device),
        )
        return to_eight_bit(self.engine.inpaint(request, progress).applied_to(request.image))


def find_candidates(
    engines: Sequence[str], peers: Sequence[Path], seed: int = 0, device: str = "auto"
) -> list[Candidate]:
    """The sub-folders of every folder in ``peers``, then the engines; “tsgl-alone” is “tsgl”
    without its native-resolution stage.

    Raises `UnknownEngine`, `WeightsUnavailable`, `FileUnreadable` for a missing folder, and
    `BadRequest` when there is nothing to score, a folder holds no fills or two candidates share a
    name.
    """
    candidates: list[Candidate] = []
    for parent in peers:
        if not parent.is_dir():
            raise FileUnreadable("lab.not_a_folder", path=parent)
        folders = [(f, list_pictures(f)) for f in sorted(parent.iterdir()) if f.is_dir()]
        folders = [(f, files) for f, files in folders if files]
        if not folders:
            raise BadRequest("lab.no_fill_folders", path=parent)
        candidates += [FolderCandidate(f.name, f, files) for f, files in folders]
    whole, bare = Engine(), Engine(native=False)
    for name in engines:
        alone = name.endswith(WITHOUT_NATIVE_STAGE) and name not in generators()
        spec = find_usable(name.removesuffix(WITHOUT_NATIVE_STAGE) if alone else name)
        if alone and not spec.native_stage:
            raise BadRequest("lab.no_native_stage", engine=spec.id)
        candidates.append(EngineCandidate(name, spec.id, bare if alone else whole, seed, device))
    if not candidates:
        raise BadRequest("lab.nothing_to_score")
    names = [candidate.name for candidate in candidates]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadRequest("lab.same_name", names=tuple(sorted(twice)))
    return candidates


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One candidate's scores on one photo, or the reason why there are none.

    ``seconds``: wall time of the fill, and ``processor`` the time of all cores together; None for a
    finished one. ``ratio``: the hole's share of the
    photo's pixels, 0 to 1; None if the photo was not read. ``group``: the group whose table the row
    counts in as well, if any.
    """

    photo: str
    candidate: str
    scores: Scores | None
    seconds: float | None = None
    error: str | None = None
    ratio: float | None = None
    group: str | None = None
    processor: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class ScoredPhoto:
    """A photo's rows, and its composites (H, W, 3) uint8 by candidate."""

    case: Case
    sample: Sample | None
    rows: tuple[ScoreRow, ...]
    composites: Mapping[str, Composite]

    @property
    def scores(self) -> dict[str, Scores]:
        """The scores of every composite, by candidate."""
        return {row.candidate: row.scores for row in self.rows if row.scores is not None}


def score_photo(
    case: Case,
    candidates: Sequence[Candidate],
    features: PerceptualMetric | None = None,
    progress: Progress | None = None,
    lpips: PerceptualMetric | None = None,
) -> ScoredPhoto:
    """Let every candidate fill the photo, and score the fills by the common protocol.

    A candidate (or a photo) that fails with an `InpaintError` gets a row that says so; the others
    continue. Raises `Cancelled`.
    """
    try:
        sample = load_sample(case)
    except InpaintError as error:
        failed = tuple(ScoreRow(case.name, c.name, None, error=str(error)) for c in candidates)
        return ScoredPhoto(case, None, failed, {})
    return score_sample(case, sample, candidates, features, progress, lpips)


def score_sample(
    case: Case,
    sample: Sample,
    candidates: Sequence[Candidate],
    features: PerceptualMetric | None = None,
    progress: Progress | None = None,
    lpips: PerceptualMetric | None = None,
) -> ScoredPhoto:
    """`score_photo` of a photo that was read already."""
    progress = progress or Progress()
    # From integers, so that a hole of exactly 20 % gives exactly 0.2.
    ratio = int(np.count_nonzero(sample.hole)) / sample.hole.size
    rows: list[ScoreRow] = []
    composites: dict[str, Composite] = {}
    for index, candidate in enumerate(candidates):
        part = progress.part(index / len(candidates), (index + 1) / len(candidates))
        part.report(0.0, Message("lab.scoring", photo=case.name, candidate=candidate.name))
        start, used = perf_counter(), process_time()
        try:
            filled = candidate.fill(case, sample, part)
        except InpaintError as error:
            rows.append(ScoreRow(case.name, candidate.name, None, error=str(error), ratio=ratio))
            continue
        seconds, processor = perf_counter() - start, process_time() - used
        composite = np.where(sample.hole[..., None], filled, sample.truth)
        scores = score_fill(sample.truth, composite, sample.hole, features, lpips)
        row = ScoreRow(case.name, candidate.name, scores, ratio=ratio)
        if candidate.is_timed:
            row = replace(row, seconds=seconds, processor=processor)
        rows.append(row)
        composites[candidate.name] = composite
    return ScoredPhoto(case, sample, tuple(rows), composites)
