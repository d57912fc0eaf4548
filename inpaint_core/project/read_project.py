"""From a project's file to its edits. The file may come from anywhere: nothing in it is trusted."""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, get_args

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.choices import (
    MAX_REACH,
    MAX_SEED,
    MOST_COPY_SOURCES,
    PERSPECTIVES,
    REGULARITIES,
    Layer,
)
from inpaint_core.contract.errors import FileUnreadable, ProjectDamaged, ProjectTooNew
from inpaint_core.contract.geometry import Plane, Rect, Segment
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS
from inpaint_core.photo.formats.png import png_reader as png
from inpaint_core.photo.photo import Photo
from inpaint_core.project.model import (
    COLOURS,
    OPACITIES,
    CopyPoints,
    Edit,
    Original,
    Part,
    Project,
    Recipe,
)
from inpaint_core.project.write_project import CONTENT, FORMAT

_MOST_CONTENT = 64 << 20
_MOST_ENTRIES = 200_000
_MOST_TEXT = 32_768  # characters: as long as a path can be
_MOST_BEYOND_PIXELS = 1 << 16
"""Bytes that a PNG of few pixels may have for its headers."""


def decode_picture(data: bytes, name: str, pixels: int) -> Photo:
    """The PNG in ``data``, an entry called ``name`` that must not have more than ``pixels``."""
    return png.decode_png(data, Path(name), pixels)[0]


def read_project(
    path: Path, decode: Callable[[bytes, str, int], Photo] = decode_picture
) -> Project:
    """The project in a file. Close it, or use it with ``with``.

    Pictures are decoded when they are asked for, by ``decode`` (see `decode_picture`). Raises
    `FileUnreadable`, `ProjectDamaged` for a file that is not a project or claims more than its
    photo can hold, and `ProjectTooNew`.
    """
    try:
        if path.exists() and not path.is_file():  # opening a pipe would block for ever
            reason = Message("project_file.no_file")
            raise FileUnreadable("project_file.unreadable", path=path, reason=reason)
        version = FileVersion.at(path)
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise FileUnreadable("project_file.not_found", path=path) from error
    except OSError as error:
        raise FileUnreadable(
            "project_file.unreadable", path=path, reason=error.strerror or error
        ) from error
    try:
        with _refusing(path):
            archive = zipfile.ZipFile(stream)
            return _Reader(archive, path, decode, stream.close, version).project()
    except BaseException:
        stream.close()
        raise


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever is raised over bad bytes into `ProjectDamaged`.

    zipfile, json and the decoders raise nearly every exception over them, so all are caught here.
    """
    try:
        yield
    except (FileUnreadable, ProjectDamaged, ProjectTooNew):
        raise
    except Exception as error:
        raise project_damaged(path, error) from error


def project_damaged(path: Path, reason: object) -> ProjectDamaged:
    """The refusal of a file that is not a project, or not a whole one."""
    return ProjectDamaged("project_file.damaged", name=path.name, reason=reason)


class _Reader:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        path: Path,
        decode: Any,
        close: Any,
        version: FileVersion,
    ) -> None:
        self._version = version
        self._archive = archive
        self._decode = decode
        self._path = path
        self._close = close
        self._shape = (0, 0)
        self._bits = 8

    def project(self) -> Project:
        """Everything but the pictures."""
        if len(self._archive.filelist) > _MOST_ENTRIES:
            raise ValueError("too many entries")
        text = self._bytes(CONTENT, _MOST_CONTENT)
        content = CheckedRow(json.loads(text, parse_constant=_no_number))
        if content.whole("format", 1, 1 << 31) > FORMAT:
            raise ProjectTooNew("project_file.too_new", name=self._path.name)
        photo = content.row("photo")
        original = Original(
            sha256=photo.digest("sha256"),
            size=photo.whole("bytes", 0, 1 << 62),
            shape=(photo.whole("height", 1, MAX_PIXELS), photo.whole("width", 1, MAX_PIXELS)),
            bits=photo.one_of("bits", (8, 16)),
            relative=photo.text_or_none("relative"),
            absolute=photo.text_or_none("absolute"),
        )
        if original.shape[0] * original.shape[1] > MAX_PIXELS:
            raise ValueError("the photo's size")
        self._shape, self._bits = original.shape, original.bits
        edits = [self._edit(row) for row in content.rows("edits")]
        position = content.whole("position", 0, len(edits))
        copy_points = take_copy_points(content.row("copy")) if content.has("copy") else None
        return Project(
            self._path, original, edits, position, self._close, self._version, copy_points
        )

    def _edit(self, row: CheckedRow) -> Edit:
        changes: list[tuple[Layer, Part]] = []
        for change in row.rows("changes"):
            layer: Layer = change.one_of("layer", get_args(Layer))
            changes.append((layer, self._part(change, layer)))
        fill = row.row("fill") if row.has("fill") else None
        recipe = None if fill is None else self._recipe(fill)
        return Edit(row.text("name"), tuple(changes), row.scalars("values"), recipe)

    def _recipe(self, row: CheckedRow) -> Recipe:
        options = FillOptions(
            engine=row.text("engine"),
            device=row.text("device"),
            seed=row.whole("seed", 0, MAX_SEED),
            grow=_take_grow(row),
            feather=row.number("feather", 0, MAX_REACH),
            lines=tuple(Segment(*line) for line in row.numbers("lines", 4)),
            planes=_take_planes(row),
            perspective=row.one_of("perspective", PERSPECTIVES)
            if row.has("perspective")
            else "off",
            regularity=row.one_of("regularity", REGULARITIES) if row.has("regularity") else "auto",
            edges=self._part(row.row("edges")) if row.has("edges") else None,
            protect=self._part(row.row("protect")) if row.has("protect") else None,
            semantic=self._part(row.row("semantic"), "semantic") if row.has("semantic") else None,
            source=self._part(row.row("source")) if row.has("source") else None,
        )
        return Recipe(
            self._part(row.row("mask")),
            options,
            engines=row.texts("engines"),
            weights_sha256=row.digest("weights_sha256"),
        )

    def _part(self, row: CheckedRow, layer: Layer = "mask") -> Part:
        x, y, w, h = row.wholes("rect", 4)
        rect = Rect(x, y, w, h)
        if rect.is_empty or not Rect.whole(self._shape).contains(rect):
            raise ValueError("a place outside of the photo")
        name = row.text("image")
        bytes_a_pixel = 8 if layer in COLOURS else 4 if layer in (*OPACITIES, "semantic") else 2
        most = rect.area * bytes_a_pixel + _MOST_BEYOND_PIXELS
        if self._archive.getinfo(name).file_size > most:
            raise ValueError(f"{name} is too large")
        return Part(rect, partial(self._load, name, rect, layer, most))

    def _load(self, name: str, rect: Rect, layer: Layer, most: int) -> NDArray[Any]:
        with _refusing(self._path):
            photo: Photo = self._decode(self._bytes(name, most), name, rect.area)
            depth = self._bits if layer in (*COLOURS, *OPACITIES) else 8
            if photo.shape != (rect.h, rect.w) or photo.bits != depth or photo.alpha is not None:
                raise ValueError(f"{name} is another picture than it should be")
            if layer in (*COLOURS, "semantic"):
                return photo.pixels
            if not photo.is_grey:
                raise ValueError(f"{name} is not grey")
            return np.ascontiguousarray(photo.pixels[:, :, 0])

    def _bytes(self, name: str, most: int) -> bytes:
        """An entry, which must not have more than ``most`` bytes, whatever its header says."""
        with self._archive.open(name) as entry:
            content = entry.read(most + 1)
        if len(content) > most:
            raise ValueError(f"{name} is too large")
        return content


def _take_grow(row: CheckedRow) -> int | None:
    grow = row.whole("grow", -MAX_REACH, MAX_REACH)
    return None if row.has("auto_grow") and row.one_of("auto_grow", (True, False)) else grow


def _take_planes(row: CheckedRow) -> tuple[Plane, ...]:
    planes = tuple(Plane.from_numbers(numbers) for numbers in row.numbers("planes", 8))
    if not all(plane.is_valid for plane in planes):
        raise ValueError("planes")
    return planes


def take_copy_points(row: CheckedRow) -> CopyPoints:
    """The points of an object with ``source`` and, unless it is null, ``target``; and the
    ``others``, if any, each of another ``number``. Raises ValueError.
    """
    others = tuple(map(_take_points, row.rows("others"))) if row.has("others") else ()
    found = replace(_take_points(row), others=others)
    if len({each.number for each in (found, *others)}) <= len(others):
        raise ValueError("number")
    return found


def _take_points(row: CheckedRow) -> CopyPoints:
    target = row.point("target") if row.has("target") else None
    number = row.whole("number", 1, MOST_COPY_SOURCES) if row.has("number") else 1
    return CopyPoints(row.point("source"), target, number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


class CheckedRow:
    """``value``, which must be an object of a JSON text. Its values are checked as they are taken:
    ValueError says which is wrong.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise ValueError("not an object")
        self._values: dict[str, Any] = value

    def has(self, name: str) -> bool:
        """True when there is such a value and it is not null."""
        return self._values.get(name) is not None

    def row(self, name: str) -> CheckedRow:
        """An object."""
        return CheckedRow(self._values.get(name))

    def rows(self, name: str) -> list[CheckedRow]:
        """A list of objects."""
        return [CheckedRow(value) for value in self._list(name)]

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        return _whole(self._values.get(name), name, low, high)

    def wholes(self, name: str, count: int, most: int = 1 << 31) -> tuple[int, ...]:
        """A list of ``count`` whole numbers from 0 to ``most``."""
        values = self._list(name)
        if len(values) != count:
            raise ValueError(f"{name}")
        return tuple(_whole(value, name, 0, most) for value in values)

    def number(self, name: str, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        value = _number(self._values.get(name), name)
        if not low <= value <= high:
            raise ValueError(name)
        return value

    def point(self, name: str) -> tuple[float, float]:
        """A list of x and y, in or near a photo."""
        values = self._list(name)
        if len(values) != 2:
            raise ValueError(name)
        x, y = (_number(value, name) for value in values)
        if max(abs(x), abs(y)) > MAX_PIXELS:
            raise ValueError(name)
        return x, y

    def numbers(self, name: str, count: int) -> list[tuple[float, ...]]:
        """A list of lists of ``count`` numbers; none where there is no such value."""
        rows = self._list(name) if self.has(name) else []
        if any(not isinstance(line, list) or len(line) != count for line in rows):
            raise ValueError(name)
        return [tuple(_number(value, name) for value in line) for line in rows]

    def text(self, name: str) -> str:
        """A text."""
        return _text(self._values.get(name), name)

    def text_or_none(self, name: str) -> str | None:
        """A text that is not empty, or None where there is none."""
        return self.text(name) if self.has(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(_text(value, name) for value in self._list(name))

    def digest(self, name: str) -> str | None:
        """A SHA-256 in hexadecimal digits, or None."""
        digest = self.text_or_none(name)
        if digest is not None and re.fullmatch("[0-9a-f]{64}", digest) is None:
            raise ValueError(name)
        return digest

    def one_of(self, name: str, choices: tuple[Any, ...]) -> Any:
        """One of ``choices``."""
        value = self._values.get(name)
        if not isinstance(value, (str, int)) or value not in choices:
            raise ValueError(name)
        return value

    def scalars(self, name: str) -> Mapping[str, object]:
        """An object of texts, numbers, true, false and null."""
        values = self._values.get(name)
        if not isinstance(values, dict) or any(
            not (value is None or isinstance(value, (str, int, float))) for value in values.values()
        ):
            raise ValueError(name)
        return MappingProxyType(dict(values))

    def _list(self, name: str) -> list[Any]:
        values = self._values.get(name)
        if not isinstance(values, list):
            raise ValueError(name)
        return values


def _whole(value: object, name: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(name)
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(name)
    try:
        number = float(value)
    except OverflowError as error:  # a whole number of hundreds of digits
        raise ValueError(name) from error
    if not math.isfinite(number):
        raise ValueError(name)
    return number


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT or "\0" in value:
        raise ValueError(name)
    return value
