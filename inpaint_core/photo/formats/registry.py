"""The photo formats that there are, found by scanning their folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from inpaint_core.contract.errors import CannotWrite, PhotoDamaged, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.format import NO, Format, WritableFormat

_UNSUPPORTED = {
    b"\x00\x00\x00\x0cjP  ": Message("photo.kind.jpeg_2000"),
    b"gimp xcf": Message("photo.kind.gimp"),
    b"%PDF": Message("photo.kind.pdf"),
    b"\x76\x2f\x31\x01": Message("photo.kind.openexr"),
    b"#?RADIANCE": Message("photo.kind.radiance"),
}


@cache
def formats() -> Mapping[str, Format]:
    """Every format by id, in alphabetical order: what the folder's files and folders declare."""
    from inpaint_core.photo import formats as package

    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        declared = vars(importlib.import_module(module.name)).values()
        found |= {known.id: known for known in declared if isinstance(known, Format)}
    return MappingProxyType({name: found[name] for name in sorted(found)})


def recognise_format(data: bytes, path: Path) -> Format:
    """The format of a file's bytes; the name counts only for what camera raw files share with TIFF.

    Raises `PhotoUnsupported` for a picture that is known but not read, `PhotoDamaged` otherwise.
    """
    sure, best = max(
        ((known.sniff(data, path), known) for known in formats().values()), key=lambda row: row[0]
    )
    if sure != NO:
        return best
    if data[4:8] == b"ftyp":
        raise PhotoUnsupported("photo.unknown_container", path=path)
    for magic, name in _UNSUPPORTED.items():
        if data.startswith(magic):
            raise PhotoUnsupported("photo.unsupported", path=path, name=name)
    raise PhotoDamaged("photo.not_a_picture", path=path)


@cache
def readable_extensions() -> tuple[str, ...]:
    """The usual extensions of files that can be read, some only where an optional decoder is."""
    return tuple(ending for known in formats().values() for ending in known.extensions)


@cache
def writable_formats() -> Mapping[str, WritableFormat]:
    """What can be written, by the name's extension in lower case."""
    return MappingProxyType(
        {
            ending: known
            for known in formats().values()
            if isinstance(known, WritableFormat)
            for ending in known.extensions
        }
    )


def find_writable_format(path: Path) -> WritableFormat:
    """The format that the name's extension stands for. Raises `CannotWrite` for any other."""
    known = writable_formats().get(path.suffix.lower())
    if known is None:
        endings = tuple(writable_formats())
        if not path.suffix:
            raise CannotWrite("photo.no_extension", path=path, known=endings)
        raise CannotWrite("photo.unknown_format", path=path, ending=path.suffix, known=endings)
    return known
