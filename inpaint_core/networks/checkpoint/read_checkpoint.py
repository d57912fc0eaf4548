"""Opens a weights file of any known kind and lists its tensors by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.hdf5_file import SIGNATURE, copy_tensors
from inpaint_core.networks.checkpoint.pickle_interpreter import Opaque
from inpaint_core.networks.checkpoint.safetensors_file import read_safetensors
from inpaint_core.networks.checkpoint.stored_tensor import StoredTensor
from inpaint_core.networks.checkpoint.torch_legacy import TorchLegacy
from inpaint_core.networks.checkpoint.torch_zip import TorchZip
from inpaint_core.networks.checkpoint.zip_archive import find_member, unpack_member

Kind = Literal["safetensors", "torch", "torch_legacy", "torchscript", "hdf5"]

MOST_BYTES = 2 << 30
MOST_TENSORS = 100_000
MOST_DEPTH = 64
MOST_VALUES = 1_000_000
LONGEST_NAME = 1_000


@dataclass(frozen=True)
class Checkpoint:
    """An open weights file: its ``kind``, its ``tensors`` by name, in the file's order, and the
    ``metadata`` that safetensors files have. Names of nested dictionaries, lists and objects are
    joined by dots.
    """

    kind: Kind
    tensors: Mapping[str, StoredTensor]
    metadata: Mapping[str, str]


@contextmanager
def open_checkpoint(path: Path) -> Iterator[Checkpoint]:
    """Open a file of safetensors, ``torch.save``, TorchScript or HDF5, or a zip archive with one
    such file in it; its tensors can be read as long as it is open. Nothing that the file contains
    is run, and its name does not matter.

    Raises `WeightsUnavailable`, which says why, when it cannot be read.
    """
    check_is_file(path)
    with _open(path) as stream:
        member = find_member(stream)
        if member is not None:
            with unpack_member(stream, member) as inner, _open_tensors(inner) as checkpoint:
                yield checkpoint
            return
    with _open_tensors(path) as checkpoint:
        yield checkpoint


def check_is_file(path: Path) -> None:
    """Raises `WeightsUnavailable` unless ``path`` is a file; a pipe would wait for ever."""
    if path.is_dir():
        raise WeightsUnavailable("weights.is_a_folder", path=path)
    if not path.exists():
        raise WeightsUnavailable("weights.missing", path=path)
    if not path.is_file():
        raise WeightsUnavailable("weights.no_file", path=path)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        reason = error.strerror or str(error)
        raise WeightsUnavailable("weights.cannot_read", path=path, reason=reason) from error


@contextmanager
def _open_tensors(path: Path) -> Iterator[Checkpoint]:
    with _open(path) as stream:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise WeightsUnavailable("weights.too_large")
        if stream.read(len(SIGNATURE)) == SIGNATURE:
            with copy_tensors(path) as copied:
                copied_size = copied.seek(0, os.SEEK_END)
                copied.seek(0)
                yield Checkpoint("hdf5", *read_safetensors(copied, copied_size))
        else:
            yield _read(stream, size)


def _read(stream: IO[bytes], size: int) -> Checkpoint:
    stream.seek(0)
    head = stream.read(16)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        archive = TorchZip(stream)
        kind: Kind = "torchscript" if archive.is_script else "torch"
        return Checkpoint(kind, _list_tensors(archive.value, size), {})
    # Before pickles: one table in 32 has a length whose first byte is that of a pickle.
    if head[8:9] == b"{":
        return Checkpoint("safetensors", *read_safetensors(stream, size))
    if head.startswith(b"\x80"):  # a pickle of protocol 2 or later
        return Checkpoint("torch_legacy", _list_tensors(TorchLegacy(stream).value, size), {})
    raise WeightsUnavailable("weights.not_weights")


def _list_tensors(value: Any, file_size: int) -> dict[str, StoredTensor]:
    """Every tensor in nested containers. Raises `WeightsUnavailable` when there are too many, or
    when they add up to twice the file, as when one storage is named again and again.
    """
    found: dict[str, StoredTensor] = {}
    waiting: list[tuple[Any, str, int]] = [(value, "", 0)]
    left, seen = 2 * file_size, 0
    while waiting:
        item, name, depth = waiting.pop()
        seen += 1
        if isinstance(item, StoredTensor):
            left -= item.byte_count
            found[name] = item
        elif depth < MOST_DEPTH:
            dot = f"{name}." if name else ""
            children = [(child, dot + key, depth + 1) for key, child in _list_children(item)]
            waiting += reversed(children)
        if (
            left < 0
            or seen + len(waiting) > MOST_VALUES
            or len(found) > MOST_TENSORS
            or len(name) > LONGEST_NAME
        ):
            raise WeightsUnavailable("weights.too_large")
    return found


def _list_children(item: Any) -> list[tuple[str, Any]]:
    if isinstance(item, Opaque):
        return _list_children(item.state)
    if isinstance(item, dict):
        return [(key, child) for key, child in item.items() if isinstance(key, str)]
    if isinstance(item, list | tuple):
        return [(str(index), child) for index, child in enumerate(item)]
    return []
