"""Who is scored: folders of finished fills, and this program's own engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator, generators
from inpaint_core.lab.evaluation.cases import Case, Sample, eight_bit, pictures
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.photo.read_photo import read_photo

ALONE = "-alone"
"""After an engine's id: without its native-resolution stage."""


class Candidate(Protocol):
    """Something that fills holes."""

    @property
    def name(self) -> str:
        """What its row in the table is called."""
        ...

    @property
    def timed(self) -> bool:
        """True when the time of `fill` says something about it."""
        ...

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """The photo with the hole filled, (H, W, 3) uint8; only hole pixels are used.

        Raises an `InpaintError` where there is no fill to be had.
        """
        ...


@dataclass(frozen=True)
class Finished:
    """A folder of fills that somebody else made: pictures of the photo's size and stem.

    Where a picture has an alpha channel, it must be opaque in the hole.
    """

    folder: Path
    files: dict[str, Path]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def timed(self) -> bool:
        """False: reading a file takes as long whoever made it."""
        return False

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """Read the fill of this stem."""
        if case.name not in self.files:
            raise FileUnreadable(
                f"“{self.folder}” has no fill for “{case.name}”.",
                "Choose photos that every folder has with --only.",
            )
        photo = read_photo(self.files[case.name])
        if photo.pixels.shape != sample.truth.shape:
            height, width = sample.truth.shape[:2]
            raise BadRequest(
                f"“{self.files[case.name]}” is not {width}x{height} pixels as its photo is.",
                "A finished fill has the size of the photo.",
            )
        if photo.alpha is not None:
            opaque = photo.alpha > np.iinfo(photo.alpha.dtype).max // 2
            if not opaque[sample.hole].all():
                raise BadRequest(
                    f"“{self.files[case.name]}” is transparent inside the hole.",
                    "A finished fill is opaque wherever the mask is bright.",
                )
        return eight_bit(photo.pixels)


@dataclass(frozen=True)
class Run:
    """The generator ``id`` as ``engine`` runs it; ``name`` is what its row is called."""

    name: str
    id: str
    engine: Engine
    seed: int = 0
    device: str = "auto"

    @property
    def timed(self) -> bool:
        """True: the fill is made here and now."""
        return True

    def fill(self, case: Case, sample: Sample, progress: Progress) -> Composite:
        """Fill the hole. No feather: it would change known pixels, which nobody is scored on."""
        request = InpaintRequest(
            image=sample.truth,
            mask=np.where(sample.hole, 255, 0).astype(np.uint8),
            engine=self.id,
            seed=self.seed,
            feather=0.0,
            device=self.device,
        )
        return eight_bit(self.engine.inpaint(request, progress).applied_to(request.image))


def candidates(
    engines: Sequence[str], peers: Sequence[Path], seed: int = 0, device: str = "auto"
) -> list[Candidate]:
    """The sub-folders of every folder in ``peers``, then the engines; “tsgl-alone” is “tsgl”
    without its native-resolution stage.

    Raises `UnknownEngine`, `FileUnreadable` for a missing folder, and `BadRequest` when there is
    nobody to score, a folder holds no fills or two have one name.
    """
    found: list[Candidate] = []
    for parent in peers:
        if not parent.is_dir():
            raise FileUnreadable(f"“{parent}” is not a folder.", "Check the path.")
        folders = [Finished(f, pictures(f)) for f in sorted(parent.iterdir()) if f.is_dir()]
        folders = [folder for folder in folders if folder.files]
        if not folders:
            raise BadRequest(
                f"“{parent}” has no sub-folder with pictures.",
                "Give the folder that holds one folder of fills per program.",
            )
        found += folders
    whole, bare = Engine(), Engine(native=False)
    for name in engines:
        alone = name.endswith(ALONE) and name not in generators()
        spec = generator(name.removesuffix(ALONE) if alone else name)
        if alone and not spec.native_stage:
            raise BadRequest(
                f"The engine “{spec.id}” has no native-resolution stage to leave out.",
                f"Score “{spec.id}” itself.",
            )
        found.append(Run(name, spec.id, bare if alone else whole, seed, device))
    if not found:
        raise BadRequest("There is nothing to score.", "Name an --engine, or give --peers.")
    names = [candidate.name for candidate in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise BadRequest(
            f"Two are called {', '.join(sorted(twice))}.", "Rename a folder: rows need own names."
        )
    return found
