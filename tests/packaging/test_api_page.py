"""docs/api.md is up to date; “griffe2md inpaint_core -o docs/api.md” writes it anew."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import inpaint_core

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")
_SECTIONS = dict(re.findall(r"^## `inpaint_core\.(\w+)`\n(.*?)(?=^## |\Z)", _PAGE, re.M | re.S))


def missing(thing: Any, section: str) -> list[str]:
    """What of a function's or class's docstring and parameters is not in its section."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    block = section.partition("```\n")[0]
    plain = inspect.isclass(thing) and "__init__" not in vars(thing)
    bare = plain or inspect.isdatadescriptor(thing)
    names = () if bare else inspect.signature(thing).parameters
    return [
        *(line for line in lines if line not in section),
        *(name for name in names if not re.search(rf"\b{name}\b", block) and name != "self"),
    ]


def test_the_page_has_every_public_name_and_no_other() -> None:
    assert set(_SECTIONS) == set(inpaint_core.__all__) - {"__version__"}
    for line in inspect.cleandoc(inpaint_core.__doc__ or "").splitlines():
        assert line in _PAGE


@pytest.mark.parametrize("name", [n for n in inpaint_core.__all__ if n != "__version__"])
def test_a_section_says_what_the_docstrings_say(name: str) -> None:
    thing = getattr(inpaint_core, name)
    assert missing(thing, _SECTIONS[name]) == []
    if not inspect.isclass(thing):
        return
    own = re.split(r"^### `(\w+)`\n", _SECTIONS[name], flags=re.M)
    described = dict(zip(own[1::2], own[2::2], strict=True))
    for member, value in vars(thing).items():
        if member.startswith("_") or not inspect.getdoc(value):
            continue
        if callable(value) or isinstance(value, classmethod | staticmethod | property):
            bound = getattr(thing, member)
            assert missing(bound, described[member]) == [], member
