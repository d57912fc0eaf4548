"""From edits to a project's file: whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.version import __version__
from inpaint_core.photo.atomic_file import write_atomically
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.png import png_writer as png
from inpaint_core.photo.photo import Photo, as_pixels, grey_pixels
from inpaint_core.project.model import CopyPoints, Edit, Original, Part, Recipe

FORMAT = 2
"""The version of the format that is written, and the newest that is read."""

MIMETYPE = "application/vnd.lacuna.project+zip"
CONTENT = "project.json"


def write_project(
    path: Path,
    original: Original,
    edits: Iterable[tuple[int, Edit]],
    position: int,
    *,
    copy_points: CopyPoints | None = None,
    overwrite: bool = False,
    seen: FileVersion | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a project. ``edits`` come with their numbers 0, 1, ... in any order; the first
    ``position`` of them are done. ``copy_points`` is kept along with them.

    What is at ``path`` stays as it is until everything is written. ``seen`` is the version of it
    that may be replaced, None the one that is there now. Raises `CannotWrite` or `Cancelled`.
    """
    progress = Progress() if progress is None else progress
    with write_atomically(path, overwrite, seen) as stream, zipfile.ZipFile(stream, "w") as archive:
        # First and uncompressed, so that programs that look at a file's beginning know it.
        archive.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)
        images = _Images(archive)
        rows: dict[int, dict[str, Any]] = {}
        for number, edit in edits:
            progress.check()
            rows[number] = _edit(edit, images, f"edits/{number + 1:04}")
        content: dict[str, Any] = {
            "format": FORMAT,
            "program": f"Lacuna {__version__}",
            "photo": _describe(original),
            "position": position,
            "edits": [rows[number] for number in sorted(rows)],
        }
        if copy_points is not None:
            content["copy"] = copy_points.to_json()
        _put_content(archive, content)


def renew_original(path: Path, original: Original, seen: FileVersion) -> None:
    """Have the project at ``path``, of the version ``seen``, remember its photo as ``original``,
    and all else as it is: the photo's file was written from the same edits.

    Raises `CannotWrite`, of which `FileChanged` is one, and OSError, `zipfile.BadZipFile`,
    ValueError or KeyError for what is no project; it then stays as it was.
    """
    with (
        write_atomically(path, True, seen) as stream,
        zipfile.ZipFile(path) as before,
        zipfile.ZipFile(stream, "w") as archive,
    ):
        for entry in before.infolist():
            if entry.filename == CONTENT:
                content = json.loads(before.read(entry))
                _put_content(archive, {**content, "photo": _describe(original)})
            else:
                archive.writestr(entry, before.read(entry))


def _put_content(archive: zipfile.ZipFile, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, allow_nan=False)
    archive.writestr(zipfile.ZipInfo(CONTENT), text, zipfile.ZIP_DEFLATED)


def _describe(original: Original) -> dict[str, Any]:
    return {
        "sha256": original.sha256,
        "bytes": original.size,
        "width": original.shape[1],
        "height": original.shape[0],
        "bits": original.bits,
        "relative": original.relative,
        "absolute": original.absolute,
    }


class _Images:
    """Puts each picture into the archive once: the same one is named again."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: dict[bytes, str] = {}

    def put(self, part: Part, name: str) -> dict[str, Any]:
        """Write a part as a PNG called ``name``, and describe it."""
        coded = png.encode_png(_picture(part.load()))
        held = self._names.setdefault(hashlib.sha256(coded).digest(), f"{name}.png")
        if held == f"{name}.png":
            # PNG is packed already.
            self._archive.writestr(zipfile.ZipInfo(held), coded, zipfile.ZIP_STORED)
        rect = part.rect
        return {"rect": [rect.x, rect.y, rect.w, rect.h], "image": held}


def _picture(values: NDArray[Any]) -> Photo:
    if values.ndim == 2:
        return Photo(grey_pixels(as_pixels(values)), is_grey=True)
    return Photo(as_pixels(values))


def _edit(edit: Edit, images: _Images, folder: str) -> dict[str, Any]:
    row: dict[str, Any] = {"name": edit.name, "values": _scalars(edit.values), "changes": []}
    for number, (layer, part) in enumerate(edit.changes, start=1):
        row["changes"].append({"layer": layer, **images.put(part, f"{folder}/{layer}-{number}")})
    if edit.recipe is not None:
        row["fill"] = _recipe(edit.recipe, images, f"{folder}/fill")
    return row


def _recipe(recipe: Recipe, images: _Images, name: str) -> dict[str, Any]:
    options = recipe.options
    row: dict[str, Any] = {
        "engine": options.engine,
        "engines": list(recipe.engines),
        "seed": options.seed,
        "weights_sha256": recipe.weights_sha256,
        "device": options.device,
        "grow": options.grow or 0,
        "auto_grow": options.grow is None,  # older versions know only the number
        "feather": options.feather,
        "perspective": options.perspective,
        "regularity": options.regularity,
        "mask": images.put(recipe.mask, f"{name}-mask"),
    }
    if options.protect is not None:
        row["protect"] = images.put(options.protect, f"{name}-protect")
    if options.source is not None:
        row["source"] = images.put(options.source, f"{name}-source")
    if options.edges is not None:
        row["edges"] = images.put(options.edges, f"{name}-edges")
    if options.semantic is not None:
        row["semantic"] = images.put(options.semantic, f"{name}-semantic")
    if options.planes:
        row["planes"] = [list(plane.numbers) for plane in options.planes]
    if options.lines:
        row["lines"] = [list(asdict(line).values()) for line in options.lines]
    return row


def _scalars(values: Mapping[str, object]) -> dict[str, object]:
    """What of the values is plain; nothing else can stand in a sentence."""
    return {k: v for k, v in values.items() if v is None or isinstance(v, (str, int, float))}
