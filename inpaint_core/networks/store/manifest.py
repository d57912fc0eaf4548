"""The weights that ship, one entry per file of ``weights/manifest.json``. Needs no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import weights
from inpaint_core.contract.errors import WeightsUnavailable

_HINT = "Install Lacuna again, or choose another engine."


@dataclass(frozen=True)
class WeightsEntry:
    """One weights file and what is known of it.

    ``network``: the id of a configuration in `inpaint_core.networks.tsgl.config.CONFIGS`, and
    ``configuration`` what that was when the file was made: some of it (as a window's size) does
    not show in the shapes of tensors. ``macs``: multiply-accumulates of one fill at 512x512.
    ``images``: training samples seen. ``validation``: figures on photos not trained on, with what
    they were measured on in ``measured``. ``card``: the model card beside the file.
    ``better_for``: by the situations of `engine_choice`, up to which depth of the hole the network with the native stage was measured to be better than exemplar synthesis alone,
    and ``better_up_to`` the longest side, in pixels, of a view on which that holds; 0 = any.
    """

    id: str
    file: str
    sha256: str
    network: str
    configuration: Mapping[str, Any]
    parameters: int
    macs: int
    licence: str
    training_data: str
    images: int
    validation: Mapping[str, float]
    measured: str
    paper: str
    card: str
    folder: Path
    better_for: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    better_up_to: int = 0

    @property
    def path(self) -> Path:
        """Where the file is, if it is there."""
        return self.folder / self.file

    @property
    def present(self) -> bool:
        """Whether the file is there; whether it is the right one, `weights.load` finds out."""
        return self.path.is_file()

    def plain(self) -> dict[str, Any]:
        """The entry as it stands in the file."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "folder"}
        return {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()}


def entries(folder: Path | None = None) -> Mapping[str, WeightsEntry]:
    """Every entry by id, in the order of ``manifest.json`` in ``folder`` (ours when None).

    Raises `WeightsUnavailable` when the manifest is missing or damaged.
    """
    folder = weights.FOLDER if folder is None else folder
    path = folder / "manifest.json"
    try:
        rows = json.loads(path.read_text("utf-8"))["weights"]
        found = [_entry(row, folder) for row in rows]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise WeightsUnavailable(
            f"The list of weights “{path}” is missing or damaged.", _HINT
        ) from error
    return MappingProxyType({each.id: each for each in found})


def entry(weights_id: str, folder: Path | None = None) -> WeightsEntry:
    """The entry with this id. Raises `WeightsUnavailable` when there is none."""
    found = entries(folder).get(weights_id)
    if found is None:
        raise WeightsUnavailable(
            f"This installation of Lacuna has no weights called “{weights_id}”.", _HINT
        )
    return found


def _entry(row: dict[str, Any], folder: Path) -> WeightsEntry:
    """One row as a value. Raises TypeError for a value of another kind or an unknown name."""
    plain = {"str": str, "int": int, "Mapping[str, float]": dict, "Mapping[str, Any]": dict}
    hints = WeightsEntry.__annotations__
    for name, value in row.items():
        if name in hints and not isinstance(value, plain[hints[name]]):
            raise TypeError(f"{name} is {value!r}")
    sealed: dict[str, Any] = {
        k: MappingProxyType(v) if isinstance(v, dict) else v for k, v in row.items()
    }
    return WeightsEntry(**sealed, folder=folder)
