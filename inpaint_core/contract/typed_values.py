"""Plain values from a file, of TOML or JSON, as the types that a dataclass declares."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from inpaint_core.contract.errors import BadRequest

Config = TypeVar("Config")


def override(config: Config, changes: Mapping[str, Any]) -> Config:
    """A dataclass with some of its values replaced by plain ones.

    A table replaces values of a nested dataclass; lists become tuples; "none" and null mean None
    where a value may be None. Raises `BadRequest` for an unknown name or a value of another type.
    """
    kinds = get_type_hints(type(config))
    known = tuple(field.name for field in fields(config))  # type: ignore[arg-type]
    values = {}
    for name, value in changes.items():
        if name not in known:
            raise BadRequest("lab.unknown_setting", name=name, known=known)
        now = getattr(config, name)
        if isinstance(value, Mapping) and is_dataclass(now):
            values[name] = override(now, value)
        else:
            values[name] = parse_value(name, value, kinds[name])
    return replace(config, **values)  # type: ignore[type-var]


def parse_value(name: str, value: Any, kind: Any) -> Any:
    """``value`` as ``kind``, lists as tuples. Raises `BadRequest`, which calls it ``name``."""
    wrong = BadRequest("lab.wrong_value", name=name, value=_show(value), type=_describe_type(kind))
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        if value is None or value == "none":
            return None
        return parse_value(name, value, parts[0])
    if origin is Literal:
        if value not in parts:
            raise wrong
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise wrong
        if parts[-1] is not Ellipsis and len(value) != len(parts):
            raise wrong
        several = parts if parts[-1] is not Ellipsis else (parts[0],) * len(value)
        return tuple(
            parse_value(name, item, each) for item, each in zip(value, several, strict=True)
        )
    if is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise wrong
        return _make(kind, value, wrong)
    if kind is float and type(value) is int and abs(value) < 2**1000:
        return float(value)
    if type(value) is not kind:
        raise wrong
    return value


def _make(kind: type, table: Mapping[str, Any], wrong: BadRequest) -> Any:
    """A dataclass from a table of its values."""
    kinds = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    if not set(table) <= known:
        raise wrong
    try:
        return kind(**{key: parse_value(key, value, kinds[key]) for key, value in table.items()})
    except TypeError as error:  # a value without a default is missing
        raise wrong from error


def _show(value: object) -> str:
    is_huge = type(value) is int and abs(value) >= 2**1000  # Python refuses to print those
    text = hex(value) if is_huge and isinstance(value, int) else repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _describe_type(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)) if get_origin(kind) is None else str(kind)
