"""The weights that ship, one entry per file in ``weights/manifest.json``. Needs no torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import weights
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.specs import FirstLook

OCTAVES = 4
"""Of details of which an entry says how strongly they are shown."""
LEAST_SHOWN = 0.2
"""Details that are shown more weakly are not strengthened further: most of that would be noise."""
BETTER = ("better_for", "better_up_to", "gains", "trust", "shown", "worst_ratio")
"""The fields of an entry that say where “auto” uses its weights, and how their fills are followed;
they are measured together."""


@dataclass(frozen=True, slots=True)
class DepthGain:
    """What the network, with the native stage, gained over exemplar synthesis alone in ``holes``
    holes of a ``situation`` of `inpaint_core.generators.auto`, no deeper than ``up_to`` pixels and
    deeper than the row of the situation before: how much smaller the mean feature distance and how
    much greater the mean SSIM in the hole was, and how many ``seconds`` of processor time it took
    in addition for one hole. Measured with ``inpaint evaluate --by depth --write-better``, or with
    ``inpaint weights measure``, which estimates the feature distance.
    """

    situation: str
    up_to: float
    holes: int
    features: float
    ssim: float
    seconds: float


@dataclass(frozen=True)
class WeightsEntry:
    """One weights file and its description.

    ``network``: the id of a configuration in `inpaint_core.networks.registry`;
    ``configuration``: its values when the file was made, as some (such as a window's size) do not
    show in the shapes of tensors. ``macs``: multiply-accumulates of one fill at 512x512.
    ``images``: training samples seen. ``validation``: figures on photos outside the training set,
    which ``measured`` describes. ``card``: the model card beside the file.
    ``better_for``: for each situation of `inpaint_core.generators.auto`, the depth of the hole up
    to which the network with the native stage was measured to be better than exemplar synthesis
    alone; ``better_up_to``: the longest side, in pixels, of a view for which that holds, 0 = any.
    ``gains``: what it gained in holes of each depth, and what that took. ``trust``, ``shown`` and
    ``worst_ratio``: how the native stage follows its fills (see `View`), 0 and () = as the engine
    declares. ``first_look``: the engine with which wide holes were measured to be filled better if
    it looks first, if any.
    Of weights that a person has imported, ``source`` is the name of the file, ``source_sha256`` its
    hash, ``imported`` the day (ISO 8601), and ``use`` what its makers allow: "any",
    "non-commercial" or "unknown". Of a network that is published in several files, ``parts`` are
    those that were imported, each with its file's hash, and ``missing`` names the files without
    which it cannot be used; until then ``file`` holds the parts alone.
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
    gains: tuple[DepthGain, ...] = ()
    trust: float = 0.0
    shown: tuple[float, ...] = ()
    worst_ratio: float = 0.0
    first_look: FirstLook | None = None
    source: str = ""
    source_sha256: str = ""
    imported: str = ""
    use: str = "any"
    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The path of the file, whether or not it exists."""
        return self.folder / self.file

    @property
    def is_present(self) -> bool:
        """Whether the file exists; `load_weights` checks its content."""
        return self.path.is_file()

    def plain(self) -> dict[str, Any]:
        """The entry as in the manifest."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "folder"}
        plain = {k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()}
        gains = [asdict(gain) for gain in self.gains]
        lists = {"gains": gains, "shown": list(self.shown), "missing": list(self.missing)}
        plain.pop("first_look")  # left out if there is none: earlier versions do not know it
        look = {} if self.first_look is None else {"first_look": asdict(self.first_look)}
        return {**plain, **lists, **look}


def read_manifest(folder: Path | None = None) -> Mapping[str, WeightsEntry]:
    """Every entry by id, in the order of ``manifest.json`` in ``folder`` (ours when None).

    Raises `WeightsUnavailable` when the manifest is missing or damaged.
    """
    return _read_list("weights", folder)


def read_helpers(folder: Path | None = None) -> Mapping[str, WeightsEntry]:
    """The same of networks that fill nothing: the manifest's list “helpers”, which may be missing.

    Of their entries, what is said of fills has its default.
    """
    return _read_list("helpers", folder)


def _read_list(name: str, folder: Path | None) -> Mapping[str, WeightsEntry]:
    folder = weights.FOLDER if folder is None else folder
    path = folder / "manifest.json"
    try:
        listed = json.loads(path.read_text("utf-8"))
        rows = listed["weights"] if name == "weights" else listed.get(name, [])
        entries = [read_entry(row, folder) for row in rows]
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise WeightsUnavailable("weights.list_damaged", path=path) from error
    return MappingProxyType({entry.id: entry for entry in entries})


def read_better(path: Path) -> Mapping[str, Any]:
    """The fields `BETTER` as ``inpaint evaluate --write-better`` wrote them. Raises
    `WeightsUnavailable` where the file is damaged.
    """
    try:
        row = json.loads(path.read_text("utf-8"))
        if set(row) != set(BETTER):
            raise TypeError(f"{sorted(row)} are not {BETTER}")
        return _read_fields(row)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise WeightsUnavailable("weights.list_damaged", path=path) from error


def read_entry(row: dict[str, Any], folder: Path) -> WeightsEntry:
    """One row as a value. Raises TypeError for an unknown name or a value of a wrong type."""
    if not isinstance(row, dict):
        raise TypeError(f"{row!r} is not an entry")
    return WeightsEntry(**_read_fields(row), folder=folder)


def _read_fields(row: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {"str": str, "int": int}
    plain |= {f"Mapping[str, {each}]": dict for each in ("float", "Any", "str")}
    plain |= {f"tuple[{each}, ...]": list for each in ("DepthGain", "float", "str")}
    plain |= {"float": int | float}
    plain |= {"FirstLook | None": dict | None}
    hints = WeightsEntry.__annotations__
    for name, value in row.items():
        if name in hints and not isinstance(value, plain[hints[name]]):
            raise TypeError(f"{name} is {value!r}")
        if hints.get(name) == "Mapping[str, float]":
            value.update({key: _to_finite(number) for key, number in value.items()})
    if not 0 <= row.get("trust", 0.0) <= 1:
        raise TypeError(f"a trust of {row['trust']!r}")
    _check_test(row)
    sealed: dict[str, Any] = {
        k: MappingProxyType(v) if isinstance(v, dict) else v for k, v in row.items()
    }
    if "gains" in row:
        sealed["gains"] = tuple(map(_read_gain, row["gains"]))
    texts = (*row.get("missing", ()), *row.get("parts", {}).values())
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{texts!r} are not all text")
    if "missing" in row:
        sealed["missing"] = tuple(row["missing"])
    if "shown" in row:
        sealed["shown"] = tuple(row["shown"])
    if row.get("first_look") is not None:
        sealed["first_look"] = _read_first_look(row["first_look"])
    return sealed


def _check_test(row: Mapping[str, Any]) -> None:
    shown = [_to_finite(each) for each in row.get("shown", ())]
    if len(shown) not in (0, OCTAVES) or any(not LEAST_SHOWN <= each <= 1 for each in shown):
        raise TypeError(f"details shown as {shown!r}")
    ratio = _to_finite(row.get("worst_ratio", 0.0))
    if ratio != 0 and ratio < 1:
        raise TypeError(f"a ratio of {ratio!r}")


def _read_gain(row: object) -> DepthGain:
    if not isinstance(row, dict) or not isinstance(row.get("situation"), str):
        raise TypeError(f"{row!r} is not a row of gains")
    if set(row) != {field.name for field in fields(DepthGain)}:
        raise TypeError(f"{row!r} is not a row of gains")
    up_to, features, ssim, seconds = (
        _to_finite(row[name]) for name in ("up_to", "features", "ssim", "seconds")
    )
    return DepthGain(
        row["situation"], up_to, int(_to_finite(row["holes"])), features, ssim, seconds
    )


def _read_first_look(row: dict[str, Any]) -> FirstLook:
    engine, side, over = row["engine"], row["side"], _to_finite(row["over"])
    if not isinstance(engine, str) or type(side) is not int or side < 1 or over < 0 or len(row) > 3:
        raise TypeError(f"{row!r} is not a first look")
    return FirstLook(engine, side, over)


def _to_finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is not a finite number")
    return value
