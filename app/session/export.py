"""From a document to a file: what is written, how large it gets, and a check of the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.frozen_request import FrozenPixels
from inpaint_core.contract.choices import FormatName
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.file_names import is_same_file
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions, Resize
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.format import WritableFormat
from inpaint_core.photo.formats.registry import find_writable_format, formats

if TYPE_CHECKING:
    from app.document.document import Document
    from inpaint_core.contract.arrays import BoolMask, Pixels
    from inpaint_core.photo.check_saved import Check
    from inpaint_core.photo.photo import Photo

_SAMPLE_PIXELS = 2_000_000
_TILE = 128
_LOSSES = frozenset(
    {
        *("photo.first_page", "photo.first_picture", "photo.extra_channels", "photo.more_pictures"),
        *("photo.gain_map", "photo.depth_map", "photo.partly_damaged", "photo.cielab"),
        *("photo.cmyk", "photo.cmyk_without_profile", "photo.floats_rounded"),
        *("photo.floats_clipped", "photo.reduced_to_16_bits"),
    }
)
"""Notes on what of a file was not read, or read as something else, and so would not be there any
more."""


def read_resize(get: Callable[[str], Any]) -> Resize | None:
    """The size that settings ask for, whose values ``get`` tells by their id; None: the photo's
    own.
    """
    by = get("export.resize")
    if by == "none":
        return None
    amount = get("export.percent" if by == "percent" else "export.pixels")
    return Resize(by, amount, not get("export.no_enlarging"), bool(get("export.sharpen")))


@dataclass(frozen=True, kw_only=True)
class ExportPlan(OutputOptions):
    """How a photo is to be written, and in which ``format``: "same" is the original's, PNG where
    that cannot be written. ``note_in_xmp`` takes effect only where something was filled.
    """

    format: FormatName = "same"

    @classmethod
    def of(cls, settings: Settings) -> ExportPlan:
        """The plan that the settings say."""
        depth = str(settings.get("export.depth"))
        chroma = settings.get("export.chroma")
        return cls(
            format=settings.get("export.format"),
            quality=None if settings.get("export.as_original") else settings.get("export.quality"),
            chroma="" if chroma == "auto" else chroma,
            depth=cast(Literal[0, 8, 16], 0 if depth == "same" else int(depth)),
            profile=settings.get("export.profile"),
            metadata=settings.get("export.metadata"),
            note_in_xmp=bool(settings.get("export.history")),
            layers=bool(settings.get("export.layers")),
            resize=read_resize(settings.get),
        )

    def file_format(self, photo: Photo) -> WritableFormat:
        """The format that this photo is written in."""
        wanted = photo.format if self.format == "same" else self.format.upper()
        known = formats().get(wanted)
        return known if isinstance(known, WritableFormat) else find_writable_format(Path("a.png"))


@dataclass(frozen=True, eq=False)
class FrozenDocument:
    """A document at one moment: the photo as opened, and its pixels and alpha at that moment.

    ``path`` is where it was opened from, None for a photo that never was a file.
    """

    photo: Photo
    pixels: FrozenPixels
    alpha: FrozenPixels | None
    path: Path | None

    @property
    def result(self) -> Photo:
        """The photo with the pixels and the alpha of that moment: copies where they differ."""
        alpha = None if self.alpha is None else self.alpha.whole()
        return replace(self.photo, pixels=self.pixels.whole(), alpha=alpha)

    @property
    def touched(self) -> BoolMask:
        """(H, W): True where a pixel, or its opacity, differs from the opened photo."""
        import numpy as np

        out = np.zeros(self.photo.shape, np.bool_)
        for rect, values in self.pixels.patches:
            out[rect.slices] = (values != self.photo.pixels[rect.slices]).any(axis=2)
        if self.alpha is not None and self.photo.alpha is not None:
            for rect, values in self.alpha.patches:
                out[rect.slices] |= values != self.photo.alpha[rect.slices]
        return out


@dataclass(frozen=True)
class Exported:
    """A file that was written: its ``size`` in bytes and its ``version``, ``notes`` on what could
    not be kept, and ``check``, what reading it again showed outside of what was filled.
    ``lossless``: the format loses nothing. ``converted``: it was compared with the photo after the
    conversion that was asked for.
    """

    path: Path
    size: int
    version: FileVersion
    notes: tuple[Message, ...]
    check: Check
    lossless: bool
    converted: bool


def _is_lossless(photo: Photo, path: Path, quality: int | None) -> bool:
    known = find_writable_format(path)
    return known.is_lossless(known.choose_quality(photo, quality))


def freeze(document: Document) -> FrozenDocument:
    """The document as it is now. Call on the UI thread: only what was changed is copied."""
    return FrozenDocument(
        document.photo, FrozenPixels.of(document), FrozenPixels.of_alpha(document), document.path
    )


def propose(frozen_photo: Photo, path: Path | None, plan: ExportPlan, folder: Path) -> Path:
    """“name-lacuna.jpg” beside the original, or in ``folder`` for a photo that was no file."""
    known = plan.file_format(frozen_photo)
    if path is None:
        return folder / f"{t('export.untitled')}{known.extensions[0]}"
    is_own = known.id == frozen_photo.format and path.suffix
    ending = path.suffix if is_own else known.extensions[0]
    stem = path.stem if path.stem.endswith("-lacuna") else f"{path.stem}-lacuna"
    return path.with_name(stem + ending)


def find_free_path(path: Path) -> Path:
    """``path``, or “name-2.jpg” and so on: the first that does not exist."""
    found, number = path, 2
    while found.exists():
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return found


def is_original(path: Path, original: Path | None) -> bool:
    """True where both are the same file, by whatever name."""
    return original is not None and is_same_file(path, original)


def list_losses(photo: Photo) -> tuple[Message, ...]:
    """What the photo's file has that would be lost in saving into it."""
    losses = tuple(note for note in photo.notes if note.key in _LOSSES)
    layers = (Message("export.into.layers"),) if photo.origin.has_layers else ()
    return (*layers, *losses)


def estimate(photo: Photo, plan: ExportPlan, progress: Progress) -> int:
    """About how many bytes the file will have.

    Exact up to two megapixels of output; of a larger one, tiles spread over the photo are encoded.
    """
    from inpaint_core.photo.write_photo import encode_photo, fit_to_format, prepare_output

    height, width = photo.shape
    wide, high = (width, height) if plan.resize is None else plan.resize.target(width, height)
    share = min(1.0, _SAMPLE_PIXELS / (high * wide))
    if share < 1.0:
        scale = wide / width
        photo = _sampled(photo, share, max(8, round(_TILE / scale)))
        if plan.resize is not None:
            plan = replace(plan, resize=Resize("percent", 100 * scale, True, plan.resize.sharpen))
    progress.check()
    known = plan.file_format(photo)
    ready, _ = fit_to_format(prepare_output(photo, plan)[0], known)
    progress.check()
    data, _ = encode_photo(ready, known, plan.quality, plan.chroma)
    kept = sum(len(block) for block in (ready.exif, ready.xmp, ready.icc) if block is not None)
    kept += sum(len(block.content) for block in ready.blocks)
    pixels = ready.shape[0] * ready.shape[1]
    return round(kept + max(len(data) - kept, 0) * (high * wide) / pixels)


def _sampled(photo: Photo, share: float, tile: int) -> Photo:
    """Tiles of ``tile`` pixels a side from every part of the photo, one below the other, with about
    ``share`` of its pixels.
    """
    import numpy as np

    height, width = photo.shape
    step = max(tile, round(tile / share**0.5))
    corners = [
        (y, x)
        for y in range(0, max(height - tile, 1), step)
        for x in range(0, max(width - tile, 1), step)
    ]

    def tiles(values: Pixels) -> Pixels:
        parts = [values[y : y + tile, x : x + tile] for y, x in corners]
        parts = [part for part in parts if part.shape[:2] == (tile, tile)]
        # A photo thinner than a tile has none: then its own beginning stands for it.
        if not parts:
            return values[: _SAMPLE_PIXELS // values.shape[1] + 1]
        return cast("Pixels", np.concatenate(parts))

    alpha = None if photo.alpha is None else tiles(photo.alpha)
    # Tiles are not blocks of the original, but its tables say about as much of the size.
    coding = None if photo.jpeg is None else replace(photo.jpeg, source=b"")
    return replace(photo, pixels=tiles(photo.pixels), alpha=alpha, jpeg=coding)


def write(
    frozen: FrozenDocument,
    path: Path,
    plan: ExportPlan,
    progress: Progress,
    *,
    overwrite: bool = False,
    over_original: bool = False,
    seen: FileVersion | None = None,
) -> Exported:
    """Write the file, read it again and compare. Runs on a lane's thread.

    ``overwrite`` replaces a file that exists, of the version ``seen`` (None: the one that is there
    when writing begins); the photo's own file only with ``over_original`` too. Raises
    `InpaintError` or `Cancelled`; the file is then as it was before.
    """
    from inpaint_core.photo.layers import mark_retouched
    from inpaint_core.retouch.save_photo import save_photo

    if is_original(path, frozen.path) and not (overwrite and over_original):
        raise CannotWrite("export.is_original", name=path.name)
    touched = frozen.touched
    if plan.note_in_xmp and not touched.any():
        plan = replace(plan, note_in_xmp=False)  # it would not be true
    result = frozen.result
    if find_writable_format(path).has_layers(plan.layers):
        result = replace(result, retouched=mark_retouched(result, frozen.photo, touched))
    saved = save_photo(
        path, result, touched, plan, overwrite=overwrite, seen=seen, progress=progress
    )
    version = FileVersion.at(path)
    # Numbers without a profile count as sRGB already.
    unconverted = ("keep", "srgb") if frozen.photo.icc is None else ("keep",)
    return Exported(
        path,
        version.size,
        version,
        saved.notes,
        saved.check,
        lossless=_is_lossless(frozen.photo, path, plan.quality),
        converted=plan.profile not in unconverted or saved.bits != frozen.photo.bits,
    )
