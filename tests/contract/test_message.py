"""Messages are data: they compare, pickle and nest, and every one that the code makes has its
sentence with just the values that it is given.
"""

from __future__ import annotations

import ast
import pickle
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from inpaint_core.contract import errors
from inpaint_core.contract.errors import BadRequest, InpaintError, PhotoTooLarge
from inpaint_core.contract.message import Message, format_message, load_catalogue

_ROOT = Path(__file__).parents[2]
_ENGLISH = load_catalogue("en")
# The areas whose every sentence is a message; others hold the editor's own texts, too.
_AREAS = frozenset(
    {"command", "engine", "figures", "inspection", "lab", "papers", "photo", "project_file"}
    | {"weights"}
)


@dataclass(frozen=True)
class Use:
    """A message or an error that is made at ``place`` with these ``values``."""

    place: str
    key: str
    values: frozenset[str | None]
    is_error: bool


def names_of_errors(trees: dict[str, ast.Module]) -> set[str]:
    """`InpaintError` and what is derived from it, anywhere."""
    names = {"InpaintError"}
    classes = [n for tree in trees.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    while True:
        more = {
            each.name
            for each in classes
            if any(name_of(base) in names for base in each.bases) and each.name not in names
        }
        if not more:
            return names
        names |= more


def name_of(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def possible_keys(key: ast.expr | None) -> list[str]:
    """The key that a call names, or all that an f-string may become."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return [key.value]
    if not isinstance(key, ast.JoinedStr):
        return []
    parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w+" for p in key.values]
    return [known for known in _ENGLISH if re.fullmatch("".join(parts), known)]


def uses() -> Iterator[Use]:
    trees = {
        str(path.relative_to(_ROOT)): ast.parse(path.read_text("utf-8"))
        for folder in ("app", "inpaint_core", "packaging")
        for path in sorted((_ROOT / folder).rglob("*.py"))
    }
    kinds = names_of_errors(trees)
    del trees[str(Path("inpaint_core/contract/errors.py"))]  # makes messages of any key
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and name_of(node.func) in kinds | {"Message"}):
                continue
            key = node.args[0] if len(node.args) == 1 else None
            values = frozenset(keyword.arg for keyword in node.keywords)
            place = f"{path}:{node.lineno}"
            keys = possible_keys(key)
            assert keys, f"{place} makes a message of an unknown key"
            for each in keys:
                yield Use(place, each, values, name_of(node.func) != "Message")


USES = tuple(uses())


def placeholders(key: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(_ENGLISH[key]) if field}


def test_every_message_has_its_sentence_and_every_error_a_hint() -> None:
    missing = [use for use in USES if use.key not in _ENGLISH]
    missing += [use for use in USES if use.is_error and f"{use.key}.hint" not in _ENGLISH]
    assert missing == []


def test_every_message_gives_just_the_values_of_its_sentence() -> None:
    wrong = []
    for use in USES:
        shown = placeholders(use.key)
        if use.is_error:
            shown |= placeholders(f"{use.key}.hint")
        if shown != use.values:
            wrong.append((use, shown))
    assert wrong == []


def test_no_message_is_left_over() -> None:
    used = {use.key for use in USES} | {f"{use.key}.hint" for use in USES if use.is_error}
    assert {key for key in _ENGLISH if key.partition(".")[0] in _AREAS} - used == set()


def test_values_are_formatted_as_the_sentence_says() -> None:
    refused = PhotoTooLarge(
        "photo.file_too_large", path=Path("a.png"), size=np.float64(7.24), limit=np.int64(3000)
    )
    assert str(refused.message) == "“a.png” is 7.2 GB, more than a photo of 3,000 pixels can have."
    assert str(refused) == f"{refused.message} {refused.hint}"


def test_messages_and_sequences_are_formatted_in_the_language_of_the_whole() -> None:
    blocks = [Message("photo.block.exif"), Message("photo.block.iptc")]
    note = Message("photo.metadata_left_out", format="BMP", blocks=blocks)
    assert str(note).endswith(": EXIF data, IPTC data.")
    assert format_message(note, load_catalogue("de")).endswith(": EXIF-Daten, IPTC-Daten.")


def test_an_exception_stands_for_its_message() -> None:
    inner = Message("photo.jpeg.pixels_damaged")
    for cause in (ValueError(inner), ValueError("x")):
        outer = Message("photo.jpeg_recoded", reason=cause)
        assert outer.values["reason"] == (inner if cause.args[0] is inner else "x")
    refused = BadRequest("command.pixel_outside")
    assert Message("photo.unreadable", reason=refused).values["reason"] == refused.message


def test_messages_compare_and_hash_by_their_values() -> None:
    one = Message("photo.empty", path=Path("a.png"))
    assert one == Message("photo.empty", path="a.png")
    assert len({one, Message("photo.empty", path="a.png"), Message("photo.empty", path="b")}) == 2
    assert isinstance(Message("engine.smaller_tiles", side=np.int64(7)).values["side"], int)


@pytest.mark.parametrize(
    "kind", [each for each in vars(errors).values() if isinstance(each, type)], ids=str
)
def test_errors_survive_a_pickle(kind: type) -> None:
    if not issubclass(kind, InpaintError):
        return
    error = kind("photo.unreadable", path=Path("a.png"), reason=Message("photo.jpeg.cut_off"))
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is kind
    assert (found.message, found.hint, str(found)) == (error.message, error.hint, str(error))


def test_a_key_or_a_value_that_is_missing_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        str(Message("photo.no_such_key"))
    with pytest.raises(KeyError):
        str(Message("photo.empty"))
