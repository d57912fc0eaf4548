"""A message for a person: a key and values, turned into a sentence only where it is shown.

The sentences are in ``resources/text/<language>/<area>.json``, one flat object per area; a key is
"area.name". A sentence shows a value by its ``{name}``, perhaps with a format: ``{size:,.1f}``.
Each language writes such numbers in its own way, as its sentence ``numbers.sample`` shows.
"""

from __future__ import annotations

import operator
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union

import resources
from inpaint_core.contract.file_names import show_name

Value = Union[str, int, float, "Message", tuple["Value", ...]]


@dataclass(frozen=True, init=False)
class Message:
    """A key of the catalogues and the values that its sentence shows; hashable and picklable.

    A value is text, a number, another message, or a sequence of these, which is shown joined by
    ", ". An exception that was raised with a message stands for that one. Anything else, such as
    a path, is kept as its text. ``str()`` is the English sentence.
    """

    key: str
    pairs: tuple[tuple[str, Value], ...]

    def __init__(self, key: str, /, **values: object) -> None:
        object.__setattr__(self, "key", key)
        pairs = tuple((name, _to_value(value)) for name, value in values.items())
        object.__setattr__(self, "pairs", pairs)

    @property
    def values(self) -> dict[str, Value]:
        """The values by name."""
        return dict(self.pairs)

    def __str__(self) -> str:
        return format_message(self, load_catalogue("en"))


def format_message(message: Message, sentences: Mapping[str, str]) -> str:
    """The message in the language of ``sentences``, with “\ufffd” for bytes of a file's name that
    are not UTF-8. Raises KeyError for a key or a value that is missing.
    """
    values = {name: _to_text(v, sentences) for name, v in message.pairs}
    return fill_in(sentences[message.key], values, sentences)


def fill_in(sentence: str, values: Mapping[str, object], sentences: Mapping[str, str]) -> str:
    """A sentence with its ``values``, in the language of ``sentences``, with “\ufffd” for bytes of
    a file's name that are not UTF-8. Raises KeyError for a value that is missing.
    """
    return show_name(_Formatter(sentences).vformat(sentence, (), values))


class _Formatter(string.Formatter):
    """Writes numbers that have a format with the marks of a language: 1,234.5 or 1.234,5."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        sample = sentences["numbers.sample"]  # 1,234.5
        self._marks = str.maketrans({",": sample[1], ".": sample[5]})

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        is_number = isinstance(value, int | float) and format_spec
        return text.translate(self._marks) if is_number else text


@cache
def load_catalogue(language: str) -> Mapping[str, str]:
    """All sentences of a language by key. Raises FileNotFoundError for one that does not ship."""
    import json

    folder = Path(resources.path(f"text/{language}/photo.json")).parent
    return {
        f"{path.stem}.{name}": text
        for path in sorted(folder.glob("*.json"))
        for name, text in json.loads(path.read_text("utf-8")).items()
    }


def _to_value(value: object) -> Value:
    if isinstance(value, str | int | float | Message):
        return value
    if isinstance(value, tuple | list):
        return tuple(map(_to_value, value))
    if isinstance(value, Exception) and value.args and isinstance(value.args[0], Message):
        return value.args[0]
    if hasattr(value, "__index__"):  # NumPy's integers
        return operator.index(value)
    return str(value)


def _to_text(value: Value, sentences: Mapping[str, str]) -> str | int | float:
    if isinstance(value, Message):
        return format_message(value, sentences)
    if isinstance(value, tuple):
        return ", ".join(str(_to_text(item, sentences)) for item in value)
    return value
