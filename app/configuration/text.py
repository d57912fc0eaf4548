"""Every sentence that the editor shows, in the chosen language.

The sentences lie in ``resources/text/<language>/<area>.json``, one flat object per area of the
editor. A key is “area.name”. What a translation lacks is shown in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import resources

#: Languages that ship, by the name they give themselves.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "de": "Deutsch", "ja": "日本語", "zh_TW": "繁體中文"}
)


def language(choice: str, wanted: Sequence[str]) -> str:
    """Which of `LANGUAGES` to use: ``choice``, or where that is "system" the first of ``wanted``
    (“de-AT”, “zh-Hant-TW”, as systems write them) that ships; English when none does.
    """
    if choice in LANGUAGES:
        return choice
    for name in wanted:
        parts = name.replace("_", "-").split("-")
        if parts[0] == "zh":
            # Traditional characters; simplified ones are another language to read.
            if {"TW", "HK", "MO", "Hant"} & set(parts):
                return "zh_TW"
        elif parts[0] in LANGUAGES:
            return parts[0]
    return "en"


def plain(words: str) -> str:
    """The words of a menu without what marks their access key: “&Open”, “開く(&O)”."""
    return re.sub(r"\(&\w\)", "", words).replace("&", "")


def catalogue(language: str) -> dict[str, str]:
    """All sentences of one language, by key. Raises FileNotFoundError for one that is not here."""
    folder = resources.path(f"text/{language}/actions.json").parent
    return {
        f"{path.stem}.{name}": sentence
        for path in sorted(Path(folder).glob("*.json"))
        for name, sentence in json.loads(path.read_text("utf-8")).items()
    }


class Texts:
    """The sentences of the chosen language, English where it lacks one."""

    def __init__(self, language: str = "en") -> None:
        self.choose(language)

    def choose(self, language: str) -> None:
        """Use another language from now on: one of `LANGUAGES`."""
        self.language = language
        english = catalogue("en")
        self._sentences = english if language == "en" else {**english, **catalogue(language)}
        self._said = () if language == "en" else _patterns(english)

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence ``key`` with ``{name}`` replaced by the values.

        Raises KeyError for a key that English lacks, or a value that is not given.
        """
        sentence = self._sentences[key]
        return sentence.format(**values) if values else sentence

    def known(self, key: str, otherwise: str) -> str:
        """The sentence ``key``, or ``otherwise`` where there is none: for what others add."""
        return self._sentences.get(key, otherwise)

    def said(self, sentence: str) -> str:
        """What the engine says in English, in the chosen language, where “said.*” knows it.

        The engine knows nothing of languages; its sentences are known by their templates.
        """
        for key, pattern in self._said:
            found = pattern.fullmatch(sentence)
            if found is not None:
                return self(key, **found.groupdict())
        return sentence


def _patterns(english: Mapping[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What sentences of the engine look like, by key; those with the most words of their own
    first, as another one's value may hold them.
    """
    known = {key: words for key, words in english.items() if key.startswith("said.")}
    plain = {key: re.sub(r"\{\w+\}", "", words) for key, words in known.items()}
    return tuple(
        (key, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(known[key])), re.DOTALL))
        for key in sorted(known, key=lambda key: -len(plain[key]))
    )


#: What the whole program uses, as Qt's own translator is one for all: ``t("actions.open")``.
t = Texts()
