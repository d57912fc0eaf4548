"""Scripts that the editor plays: one step per line, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS
from app.configuration.text import t
from inpaint_core.contract.errors import InpaintError

Kind = Literal[
    "text", "number", "whole", "flag", "point", "pen", "points", "rect", "names", "zoom", "any"
]
"""What a field takes: a word; a number; a whole number; true or false; [x, y]; [x, y] or
[x, y, pressure]; a list of these; [x, y, width, height]; a list of words; a number or "fit";
anything."""


class ScriptError(InpaintError):
    """A line of a script makes no sense: which one, and why."""


@dataclass(frozen=True)
class Field:
    """A field of a step. ``choices`` are all words that it takes, where there are such;
    ``low`` .. ``high`` bound a number, both included.
    """

    kind: Kind
    needed: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Step:
    """A line of a script: what to ``do``, with the ``values`` that were given."""

    line: int
    do: str
    values: Mapping[str, Any]

    def get(self, field: str, default: Any = None) -> Any:
        """The value of a field, or ``default`` where it was not given."""
        return self.values.get(field, default)


_TOOLS = tuple(name.removeprefix("tool.") for name in ACTIONS if name.startswith("tool."))
_AT = Field("point", needed=True)

#: Every step with its fields.
STEPS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "open": {"path": Field("text", needed=True)},
        "resize": {
            "width": Field("whole", needed=True, low=200, high=16384),
            "height": Field("whole", needed=True, low=200, high=16384),
        },
        "tool": {
            "id": Field("text", needed=True, choices=_TOOLS),
            "size": Field("number", low=1, high=2000),
            "hardness": Field("number", low=0, high=100),
        },
        "stroke": {
            "points": Field("points", needed=True),
            "release": Field("pen"),
            "modifiers": Field("names", choices=("shift", "ctrl", "alt")),
            "device": Field("text", choices=("mouse", "pen")),
            "eraser": Field("flag"),
            "button": Field("text", choices=("left", "middle", "right")),
            "double": Field("flag"),
            "seconds": Field("number", low=0, high=3600),
        },
        "hover": {"at": _AT},
        "wheel": {
            "at": _AT,
            "steps": Field("number", needed=True, low=-100, high=100),
            "modifiers": Field("names", choices=("shift", "ctrl", "alt")),
        },
        "zoom": {"to": Field("zoom", needed=True), "at": Field("point")},
        "key": {
            "keys": Field("text"),
            "text": Field("text"),
            "part": Field("text", choices=("press", "release")),
        },
        "action": {
            "id": Field("text", needed=True, choices=tuple(ACTIONS)),
            "on": Field("flag"),
        },
        "set": {
            "id": Field("text", needed=True, choices=tuple(SETTINGS)),
            "value": Field("any", needed=True),
        },
        "wait": {
            "for": Field("text", choices=("idle", "engine")),
            "seconds": Field("number", low=0, high=86400),
        },
        "history": {"position": Field("whole", needed=True, low=0)},
        "variation": {"number": Field("whole", needed=True, low=1)},
        "mask": {"path": Field("text", needed=True)},
        "stamp": {"rect": Field("rect", needed=True)},
        "grab": {
            "path": Field("text", needed=True),
            "of": Field("text", choices=("window", "canvas", "dialog")),
        },
        "export": {
            "path": Field("text", needed=True),
            "what": Field("text", choices=("photo", "mask")),
            "format": Field("text", choices=("same", "jpeg", "png", "tiff", "webp")),
            "quality": Field("whole", low=1, high=100),
            "depth": Field("whole", choices=("8", "16")),
            "profile": Field("text", choices=("keep", "srgb", "p3", "adobe")),
            "metadata": Field("text", choices=("all", "no_gps", "none")),
            "overwrite": Field("flag"),
        },
        "memory": {},
        "quit": {},
    }
)


def read(path: Path) -> tuple[Step, ...]:
    """The steps of a script file. Raises `ScriptError`, also where the file cannot be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptError(t("play.unreadable", name=path, reason=reason), t("play.hint")) from error
    return parse(text.splitlines())


def parse(lines: Iterable[str]) -> tuple[Step, ...]:
    """The steps in ``lines``; blank ones and those that begin with # are comments.

    Raises `ScriptError` that names the first line that makes no sense.
    """
    return tuple(
        _step(number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def written(do: str, **values: Any) -> str:
    """A step as a line of a script. Raises `ScriptError` for one that could not be read again."""
    line = json.dumps({"do": do, **values}, ensure_ascii=False)
    _step(0, line)
    return line


def _step(number: int, line: str) -> Step:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise _wrong(number, t("play.no_json", reason=error)) from error
    if not isinstance(found, dict) or not isinstance(found.get("do"), str):
        raise _wrong(number, t("play.no_step"))
    do = found.pop("do")
    if do not in STEPS:
        raise _wrong(number, t("play.unknown", do=do, steps=", ".join(STEPS)))
    fields = STEPS[do]
    for name in found:
        if name not in fields:
            known = ", ".join(fields) or t("play.nothing")
            raise _wrong(number, t("play.field", do=do, field=name, fields=known))
    for name, field in fields.items():
        if name not in found:
            if field.needed:
                raise _wrong(number, t("play.missing", do=do, field=name))
        elif not _fits(field, found[name]):
            wanted = ", ".join(field.choices) or t(f"play.kind.{field.kind}")
            raise _wrong(number, t("play.value", do=do, field=name, wanted=wanted))
    if do == "key" and ("keys" in found) == ("text" in found):
        raise _wrong(number, t("play.one_key"))
    if do == "set":
        try:
            SETTINGS[found["id"]].checked(found["value"])
        except ValueError as error:
            raise _wrong(number, t("play.setting", reason=error)) from error
    return Step(number, do, MappingProxyType(found))


def _wrong(number: int, sentence: str) -> ScriptError:
    return ScriptError(t("play.line", number=number, sentence=sentence), t("play.hint"))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _numbers(value: object, least: int, most: int) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(map(_number, value))


def _fits(field: Field, value: Any) -> bool:
    """True where ``value`` is what the field takes."""
    match field.kind:
        case "text":
            return isinstance(value, str) and (not field.choices or value in field.choices)
        case "flag":
            return isinstance(value, bool)
        case "number" | "whole":
            if not _number(value) or (field.kind == "whole" and value != int(value)):
                return False
            if field.choices:
                return str(value) in field.choices
            return (field.low is None or value >= field.low) and (
                field.high is None or value <= field.high
            )
        case "point":
            return _numbers(value, 2, 2)
        case "rect":
            return _numbers(value, 4, 4) and value[2] >= 1 and value[3] >= 1
        case "pen":
            return _numbers(value, 2, 3) and (len(value) < 3 or 0 <= value[2] <= 1)
        case "points":
            pen = Field("pen")
            return isinstance(value, list) and bool(value) and all(_fits(pen, p) for p in value)
        case "names":
            return isinstance(value, list) and all(name in field.choices for name in value)
        case "zoom":
            return value == "fit" or (_number(value) and 0.01 <= value <= 32)
        case "any":
            return True
