"""All sentences that the editor shows, in the chosen language.

They are stored in ``resources/text/<language>/<area>.json``, one flat object per area of the
editor; a key is “area.name”. A sentence without a translation is shown in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inpaint_core.contract.message import Message, fill_in, format_message, load_catalogue

#: Languages that ship, by the name they give themselves.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "de": "Deutsch",
        "es": "Español",
        "fr": "Français",
        "ja": "日本語",
        "zh_CN": "简体中文",
        "zh_TW": "繁體中文",
    }
)


def choose_language(choice: str, wanted: Sequence[str]) -> str:
    """Which of `LANGUAGES` to use: ``choice``, or for "system" the first of ``wanted`` that ships
    (as systems write them: “de-AT”, “zh-Hant-TW”), or else English.
    """
    if choice in LANGUAGES:
        return choice
    for name in wanted:
        parts = name.replace("_", "-").split("-")
        if parts[0] == "zh":
            is_traditional = "Hant" in parts or {"TW", "HK", "MO"} & set(parts)
            return "zh_TW" if is_traditional and "Hans" not in parts else "zh_CN"
        if parts[0] in LANGUAGES:
            return parts[0]
    return "en"


def strip_access_key(words: str) -> str:
    """A menu text without the mark of its access key: “&Open”, “開く(&O)”."""
    return re.sub(r"\(&\w\)", "", words).replace("&", "")


class Texts:
    """The sentences of the chosen language, with English as the fallback."""

    def __init__(self, language: str = "en") -> None:
        self.choose(language)

    def choose(self, language: str) -> None:
        """Switch to one of `LANGUAGES`."""
        self.language = language
        english = load_catalogue("en")
        self._sentences = english if language == "en" else {**english, **load_catalogue(language)}

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence ``key`` with its placeholders ``{name}`` replaced by ``values``, and
        “\ufffd” for bytes of a file's name that are not UTF-8.

        Raises KeyError for an unknown key or a missing value.
        """
        sentence = self._sentences[key]
        return fill_in(sentence, values, self._sentences) if values else sentence

    def get(self, key: str, default: str) -> str:
        """The sentence ``key``, or ``default`` if there is none, as for third-party engines."""
        return self._sentences.get(key, default)

    def message(self, message: Message) -> str:
        """The sentence of a message of the library. Raises KeyError as `__call__`."""
        return format_message(message, self._sentences)


t = Texts()
"""The texts of the whole program, as in Qt's own translator: ``t("actions.file.open")``."""
