"""The script format: one step per line, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from app.configuration.actions import ACTIONS, TOOLS
from app.configuration.settings import SETTINGS
from inpaint_core.contract.choices import FORMAT_NAMES, METADATA_CHOICES, PROFILES
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.message import Message

FieldKind = Literal[
    "text", "number", "whole", "flag", "point", "pen", "points", "rect", "names", "zoom", "any"
]
"""The type of a field: a word; a number; a whole number; true or false; [x, y]; [x, y] or
[x, y, pressure]; a list of these; [x, y, width, height]; a list of words; a number or "fit";
anything."""


class ScriptError(InpaintError):
    """A line of a script is invalid: which one, and why."""


@dataclass(frozen=True)
class Field:
    """A field of a step. ``choices`` are the words it takes, if limited; ``low``..``high`` bound a
    number, inclusively.
    """

    kind: FieldKind
    needed: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Step:
    """A line of a script: what to ``do``, with the given ``values``."""

    line: int
    do: str
    values: Mapping[str, Any]

    def get(self, field: str, default: Any = None) -> Any:
        """The value of a field, or ``default`` if it was not given."""
        return self.values.get(field, default)


_AT = Field("point", needed=True)
_LARGEST = 1_000_000

#: Every step with its fields.
STEPS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "open": {"path": Field("text", needed=True)},
        "resize": {
            "width": Field("whole", needed=True, low=200, high=16384),
            "height": Field("whole", needed=True, low=200, high=16384),
        },
        "tool": {
            "id": Field("text", needed=True, choices=TOOLS),
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
        "action": {"id": Field("text", needed=True, choices=tuple(ACTIONS)), "on": Field("flag")},
        "set": {
            "id": Field("text", needed=True, choices=tuple(SETTINGS)),
            "value": Field("any", needed=True),
        },
        "wait": {
            "for": Field("text", choices=("idle", "engine", "photo", "preview")),
            "seconds": Field("number", low=0, high=86400),
        },
        "history": {"position": Field("whole", needed=True, low=0)},
        "variation": {"number": Field("whole", needed=True, low=1)},
        "mask": {
            "path": Field("text", needed=True),
            "what": Field("text", choices=("mask", "semantic")),
        },
        "stamp": {"rect": Field("rect", needed=True)},
        "grab": {
            "path": Field("text", needed=True),
            "of": Field("text", choices=("window", "canvas", "dialog")),
            "overwrite": Field("flag"),
        },
        "export": {
            "path": Field("text", needed=True),
            "what": Field("text", choices=("photo", "mask")),
            "format": Field("text", choices=FORMAT_NAMES),
            "quality": Field("whole", low=1, high=100),
            "depth": Field("whole", choices=("8", "16")),
            "profile": Field("text", choices=PROFILES),
            "metadata": Field("text", choices=METADATA_CHOICES),
            "overwrite": Field("flag"),
        },
        "memory": {},
        "quit": {},
    }
)


def read_script(path: Path) -> tuple[Step, ...]:
    """Read the steps of a script file. Raises `ScriptError`, also if the file cannot be read."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise ScriptError("play.unreadable", name=path, reason=Message("play.no_file"))
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptError("play.unreadable", name=path, reason=reason) from error
    return parse_steps(text.splitlines())


def parse_steps(lines: Iterable[str]) -> tuple[Step, ...]:
    """Parse the steps in ``lines``; skips blank lines and comments, which begin with #.

    Raises `ScriptError` for the first invalid line.
    """
    return tuple(
        _parse_step(number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def format_step(do: str, **values: Any) -> str:
    """Format a step as a line of a script. Raises `ScriptError` if it could not be parsed again."""
    line = json.dumps({"do": do, **values}, ensure_ascii=False)
    _parse_step(0, line)
    return line


def _parse_step(number: int, line: str) -> Step:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise _wrong(number, Message("play.no_json", reason=error)) from error
    except RecursionError as error:
        raise _wrong(number, Message("play.no_json", reason=Message("play.too_deep"))) from error
    if not isinstance(values, dict) or not isinstance(values.get("do"), str):
        raise _wrong(number, Message("play.no_step"))
    do = values.pop("do")
    if do not in STEPS:
        raise _wrong(number, Message("play.unknown", do=do, steps=tuple(STEPS)))
    fields = STEPS[do]
    for name in values:
        if name not in fields:
            known = tuple(fields) or Message("play.nothing")
            raise _wrong(number, Message("play.field", do=do, field=name, fields=known))
    for name, field in fields.items():
        if name not in values:
            if field.needed:
                raise _wrong(number, Message("play.missing", do=do, field=name))
        elif not _fits(field, values[name]):
            wanted = field.choices or Message(f"play.kind.{field.kind}")
            raise _wrong(number, Message("play.value", do=do, field=name, wanted=wanted))
    if do == "key" and ("keys" in values) == ("text" in values):
        raise _wrong(number, Message("play.one_key"))
    if do == "set":
        try:
            SETTINGS[values["id"]].validate(values["value"])
        except (ValueError, RecursionError) as error:
            reason = Message("play.too_deep") if isinstance(error, RecursionError) else error
            raise _wrong(number, Message("play.setting", reason=reason)) from error
    return Step(number, do, MappingProxyType(values))


def _wrong(number: int, sentence: Message) -> ScriptError:
    return ScriptError("play.line", number=number, sentence=sentence)


def _is_text(value: object) -> bool:
    """Whether ``value`` is text that can be a file's name; it may hold bytes that are not UTF-8."""
    try:
        return isinstance(value, str) and b"\0" not in value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _is_number(value: object) -> bool:
    """Whether ``value`` is a number of a size that Qt can count pixels with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _are_numbers(value: object, least: int, most: int) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(map(_is_number, value))


def _fits(field: Field, value: Any) -> bool:
    """Whether the field takes ``value``."""
    match field.kind:
        case "text":
            return _is_text(value) and (not field.choices or value in field.choices)
        case "flag":
            return isinstance(value, bool)
        case "number" | "whole":
            if not _is_number(value) or (field.kind == "whole" and value != int(value)):
                return False
            if field.choices:
                return str(value) in field.choices
            return (field.low is None or value >= field.low) and (
                field.high is None or value <= field.high
            )
        case "point":
            return _are_numbers(value, 2, 2)
        case "rect":
            return _are_numbers(value, 4, 4) and value[2] >= 1 and value[3] >= 1
        case "pen":
            return _are_numbers(value, 2, 3) and (len(value) < 3 or 0 <= value[2] <= 1)
        case "points":
            pen = Field("pen")
            return isinstance(value, list) and bool(value) and all(_fits(pen, p) for p in value)
        case "names":
            return isinstance(value, list) and all(name in field.choices for name in value)
        case "zoom":
            return value == "fit" or (_is_number(value) and 0.01 <= value <= 32)
        case "any":
            return True
