"""An object of a JSON text whose values are checked as they are taken: ValueError says which."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_MOST_TEXT = 32_768  # characters: as long as a path can be


class CheckedRow:
    """``value``, which must be an object."""

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

    def wholes(self, name: str, count: int) -> tuple[int, ...]:
        """A list of ``count`` whole numbers >= 0."""
        found = self._list(name)
        if len(found) != count:
            raise ValueError(f"{name}")
        return tuple(_whole(value, name, 0, 1 << 31) for value in found)

    def number(self, name: str, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        value = _number(self._values.get(name), name)
        if not low <= value <= high:
            raise ValueError(name)
        return value

    def numbers(self, name: str, count: int) -> list[tuple[float, ...]]:
        """A list of lists of ``count`` numbers; none where there is no such value."""
        found = self._list(name) if self.has(name) else []
        if any(not isinstance(line, list) or len(line) != count for line in found):
            raise ValueError(name)
        return [tuple(_number(value, name) for value in line) for line in found]

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
        found = self.text_or_none(name)
        if found is not None and re.fullmatch("[0-9a-f]{64}", found) is None:
            raise ValueError(name)
        return found

    def one_of(self, name: str, choices: tuple[Any, ...]) -> Any:
        """One of ``choices``."""
        value = self._values.get(name)
        if not isinstance(value, (str, int)) or value not in choices:
            raise ValueError(name)
        return value

    def scalars(self, name: str) -> Mapping[str, object]:
        """An object of texts, numbers, true, false and null."""
        found = self._values.get(name)
        if not isinstance(found, dict) or any(
            not (value is None or isinstance(value, (str, int, float))) for value in found.values()
        ):
            raise ValueError(name)
        return MappingProxyType(dict(found))

    def _list(self, name: str) -> list[Any]:
        found = self._values.get(name)
        if not isinstance(found, list):
            raise ValueError(name)
        return found


def _whole(value: object, name: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(name)
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(name)
    if not math.isfinite(value):
        raise ValueError(name)
    return float(value)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT or "\0" in value:
        raise ValueError(name)
    return value
