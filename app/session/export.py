"""From a document to a file: what is written, how large it gets, whether it came out right."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session import frozen_request as asked
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from app.document.document import Document
    from inpaint_core.contract.arrays import BoolMask, Pixels
    from inpaint_core.photo.check_saved import Check
    from inpaint_core.photo.output_options import ProfileChoice
    from inpaint_core.photo.photo import Photo

FormatName = Literal["same", "jpeg", "png", "tiff", "webp"]
Metadata = Literal["all", "no_gps", "none"]

#: The usual ending of each format.
ENDINGS = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp", "bmp": ".bmp"}
_SAMPLE_PIXELS = 2_000_000
_TILE = 128


@dataclass(frozen=True)
class ExportPlan:
    """How a photo is to be written.

    ``format`` "same" is the original's, PNG where that cannot be written. ``quality`` 1 to 100 for
    JPEG and WebP; None compresses a JPEG as the original was, anything else at 95. ``chroma`` is a
    JPEG's sampling, "" what suits the quality. ``depth`` 8 or 16 bits, 0 the photo's own.
    ``profile`` are the colours that it is converted to. ``history``: note in XMP that pixels were
    synthesised, where there were any.
    """

    format: FormatName = "same"
    quality: int | None = None
    chroma: str = ""
    depth: Literal[0, 8, 16] = 0
    profile: ProfileChoice = "keep"
    metadata: Metadata = "all"
    history: bool = False

    @classmethod
    def of(cls, settings: Settings) -> ExportPlan:
        """The plan that the settings say."""
        depth = str(settings.get("export.depth"))
        chroma = str(settings.get("export.chroma"))
        return cls(
            format=cast(FormatName, settings.get("export.format")),
            quality=None if settings.get("export.as_original") else settings.get("export.quality"),
            chroma="" if chroma == "auto" else chroma,
            depth=cast(Literal[0, 8, 16], 0 if depth == "same" else int(depth)),
            profile=cast("ProfileChoice", settings.get("export.profile")),
            metadata=cast(Metadata, settings.get("export.metadata")),
            history=bool(settings.get("export.history")),
        )

    def kind(self, photo: Photo) -> str:
        """The format that this photo is written in: a key of `ENDINGS`."""
        if self.format != "same":
            return self.format
        own = photo.format.lower()
        return own if own in ENDINGS else "png"


@dataclass(frozen=True, eq=False)
class Frozen:
    """A document as it was at one moment: the photo as opened, and its pixels and alpha by then.

    ``path`` is where it was opened from, None for a photo that never was a file.
    """

    photo: Photo
    pixels: asked.Frozen
    alpha: asked.Frozen | None
    path: Path | None

    @property
    def result(self) -> Photo:
        """The photo with the pixels and the alpha of that moment: copies where they differ."""
        alpha = None if self.alpha is None else _whole(self.alpha)
        return replace(self.photo, pixels=_whole(self.pixels), alpha=alpha)

    @property
    def touched(self) -> BoolMask:
        """(H, W): True where a pixel is another one than in the photo as opened."""
        import numpy as np

        out = np.zeros(self.photo.shape, np.bool_)
        for rect, values in self.pixels.patches:
            out[rect.slices] = (values != self.photo.pixels[rect.slices]).any(axis=2)
        return out


def _whole(frozen: asked.Frozen) -> Pixels:
    """What was frozen, all of it: the array itself where nothing of it was changed."""
    return cast(
        "Pixels", frozen.read(Rect.whole(frozen.base.shape)) if frozen.patches else frozen.base
    )


@dataclass(frozen=True)
class Exported:
    """A file that was written: ``notes`` are sentences on what could not be kept, ``check`` is
    what reading it again showed outside of what was filled. ``lossless``: the format loses
    nothing. ``converted``: it was compared with the photo after the conversion that was asked for.
    """

    path: Path
    size: int
    notes: tuple[str, ...]
    check: Check
    lossless: bool
    converted: bool


def freeze(document: Document) -> Frozen:
    """The document as it is now. Call on the UI thread: only what was changed is copied."""
    return Frozen(
        document.photo,
        asked.Frozen.of(document),
        asked.opacity(document),
        document.path,
    )


def propose(frozen_photo: Photo, path: Path | None, plan: ExportPlan, folder: Path) -> Path:
    """“name-lacuna.jpg” beside the original, or in ``folder`` for a photo that was no file."""
    kind = plan.kind(frozen_photo)
    if path is None:
        return folder / f"{t('export.untitled')}{ENDINGS[kind]}"
    ending = path.suffix if kind == frozen_photo.format.lower() and path.suffix else ENDINGS[kind]
    stem = path.stem if path.stem.endswith("-lacuna") else f"{path.stem}-lacuna"
    return path.with_name(stem + ending)


def free(path: Path) -> Path:
    """``path``, or “name-2.jpg” and so on: the first that does not exist."""
    found, number = path, 2
    while found.exists():
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return found


def is_original(path: Path, original: Path | None) -> bool:
    """True where both are the same file, by whatever name."""
    if original is None:
        return False
    try:
        return path.samefile(original)
    except OSError:
        return os.path.normcase(path.absolute()) == os.path.normcase(original.absolute())


def prepare(photo: Photo, plan: ExportPlan) -> tuple[Photo, tuple[str, ...]]:
    """The photo as the plan wants it, before it is fitted to the format, and sentences on what
    that cost.

    Raises `CannotWrite` where the colours cannot be converted.
    """
    from inpaint_core.photo.output_options import Output, now, prepared

    output = Output(plan.metadata, plan.profile, now() if plan.history else None)
    try:
        photo, notes = prepared(photo, output)
    except CannotWrite as error:
        raise CannotWrite(t("export.no_conversion"), t("export.no_conversion.hint")) from error
    return _at_depth(photo, plan.depth), notes


def _at_depth(photo: Photo, depth: int) -> Photo:
    import numpy as np

    from inpaint_core.photo.mask_picture import eight_bits

    if depth in (0, photo.bits):
        return photo

    def convert(values: Pixels) -> Pixels:
        # 257 = 65535 / 255: full stays full, and back is exact.
        return eight_bits(values) if depth == 8 else values.astype(np.uint16) * np.uint16(257)

    alpha = None if photo.alpha is None else convert(photo.alpha)
    return replace(photo, pixels=convert(photo.pixels), alpha=alpha)


def estimate(photo: Photo, plan: ExportPlan, progress: Progress) -> int:
    """About how many bytes the file will have.

    Exact up to two megapixels; from a larger photo, tiles spread over it are encoded.
    """
    from inpaint_core.photo.write_photo import FORMATS, encode, fitted

    height, width = photo.shape
    share = min(1.0, _SAMPLE_PIXELS / (height * width))
    sample = photo if share == 1.0 else _sampled(photo, share)
    progress.check()
    kind = FORMATS[ENDINGS[plan.kind(photo)]]
    ready, _ = fitted(prepare(sample, plan)[0], kind)
    progress.check()
    parts, _ = encode(ready, kind, plan.quality, plan.chroma)
    size = sum(len(memoryview(part).cast("B")) for part in parts)
    kept = sum(len(block) for block in (ready.exif, ready.xmp, ready.icc) if block is not None)
    pixels = sample.shape[0] * sample.shape[1]
    return round(kept + max(size - kept, 0) * (height * width) / pixels)


def _sampled(photo: Photo, share: float) -> Photo:
    """Tiles of every part of the photo, one below the other, with about ``share`` of its pixels."""
    import numpy as np

    height, width = photo.shape
    step = max(_TILE, round(_TILE / share**0.5))
    corners = [
        (y, x)
        for y in range(0, max(height - _TILE, 1), step)
        for x in range(0, max(width - _TILE, 1), step)
    ]

    def tiles(values: Pixels) -> Pixels:
        parts = [values[y : y + _TILE, x : x + _TILE] for y, x in corners]
        parts = [part for part in parts if part.shape[:2] == (_TILE, _TILE)]
        # A photo thinner than a tile has none: then its own beginning stands for it.
        if not parts:
            return values[: _SAMPLE_PIXELS // values.shape[1] + 1]
        return cast("Pixels", np.concatenate(parts))

    alpha = None if photo.alpha is None else tiles(photo.alpha)
    # Tiles are no blocks of the original's, but its tables say about as much of the size.
    coding = None if photo.jpeg is None else replace(photo.jpeg, source=b"")
    return replace(photo, pixels=tiles(photo.pixels), alpha=alpha, jpeg=coding)


def write(
    frozen: Frozen,
    path: Path,
    plan: ExportPlan,
    progress: Progress,
    *,
    overwrite: bool = False,
    over_original: bool = False,
) -> Exported:
    """Write the file, read it again and compare. Runs on a lane's thread.

    ``overwrite`` replaces a file that exists; the photo's own file only with ``over_original``
    too. Raises `InpaintError` or `Cancelled`; the file is then as it was before.
    """
    from inpaint_core.photo.check_saved import check_saved
    from inpaint_core.photo.write_photo import fitted, format_of, write_photo

    if is_original(path, frozen.path) and not (overwrite and over_original):
        raise CannotWrite(t("export.is_original", name=path.name), t("export.is_original.hint"))
    progress.report(0.0, t("export.preparing"))
    touched, kind = frozen.touched, format_of(path)
    if plan.history and not touched.any():
        plan = replace(plan, history=False)  # it would not be true
    # One after the other, so that of a large photo no stage is held longer than it is needed.
    ready, cost = prepare(frozen.result, plan)
    ready, lost = fitted(ready, kind)
    progress.report(0.2, t("export.writing", name=path.name))
    notes = (
        cost
        + lost
        + write_photo(
            path,
            ready,
            quality=plan.quality,
            sampling=plan.chroma,
            overwrite=overwrite,
            progress=progress,
        )
    )
    # From here on the file is there: a cancel would no longer undo it, so it is not looked at.
    progress.report(0.9, t("export.checking"))
    check = check_saved(path, ready, touched, quality=plan.quality, max_pixels=ready.pixels.size)
    # Numbers without a profile count as sRGB already.
    unconverted = ("keep", "srgb") if frozen.photo.icc is None else ("keep",)
    return Exported(
        path,
        path.stat().st_size,
        notes,
        check,
        lossless=kind.name not in ("JPEG", "WebP") or (kind.name == "WebP" and plan.quality == 100),
        converted=plan.profile not in unconverted or ready.bits != frozen.photo.bits,
    )
