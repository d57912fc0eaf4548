"""Every sentence is in the catalogues, in every language, and nothing bypasses them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QSettings, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel

from app.configuration.actions import ACTIONS, MENUS
from app.configuration.settings import SETTINGS, Settings
from app.configuration.text import LANGUAGES, Texts, choose_language, strip_access_key, t
from app.ui.theme.language import install_language
from inpaint_core.contract.errors import FileUnreadable
from inpaint_core.contract.message import Message, format_message, load_catalogue
from inpaint_core.generators.registry import generators

_APP = Path(__file__).parents[2] / "app"
_ENGLISH = load_catalogue("en")
_AREAS = {key.partition(".")[0] for key in _ENGLISH}
# Of what only the library or the command line says; the last two are in English only.
_OF_THE_LIBRARY = (
    *("engine", "figures", "inspection", "numbers", "papers", "photo", "project_file"),
    *("retouch", "weights", "command", "lab"),
)
_ENGLISH_ONLY = ("command", "lab")
_PLACEHOLDER = re.compile(r"\{(\w+(?::[^}]*)?)\}")
# Each of these shows its first string to a person.
_SHOWING = (
    "QAction QCheckBox QDockWidget QGroupBox QLabel QPushButton QRadioButton QToolBar addAction"
    " addMenu addTab addToolBar setAccessibleDescription setAccessibleName setInformativeText"
    " setPlaceholderText setPrefix setStatusTip setText setTitle setToolTip setWhatsThis"
    " setWindowTitle make_label tell"
)
# Names, which are the same in every language, and what is no sentence.
_NAMES = frozenset({"Lacuna", "RGB"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_apostrophes_are_typographic(language: str) -> None:
    """A prime in a formula, as in F'_k, is none."""
    wrong = {
        key: text
        for key, text in load_catalogue(language).items()
        if re.search(r"[^\W\d_]'(?!_)", text)
    }
    assert wrong == {}


def test_french_punctuation_has_narrow_spaces_that_do_not_break() -> None:
    wrong = {
        key: text
        for key, text in load_catalogue("fr").items()
        if re.search(r"[ \u00a0][:;!?»%](?!:)|«[^\u202f]|[^\u202f]»|\w[;!?](\s|$)", text)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW"])
def test_chinese_has_its_own_characters(language: str) -> None:
    """No characters or quotation marks of the other script, and a space before Latin letters."""
    others = {
        "zh_CN": "「」『』檔視點選個這種從會變處圖資設軟項讓進對關於無與還為後時間來電網記憶碼權轉",
        "zh_TW": "“”档视点选个这种从会变处图资设软项让进对关于无与还为后时间来电网记忆码权转",
    }[language]
    wrong = {
        key: text
        for key, text in load_catalogue(language).items()
        if set(text) & set(others)
        or re.search(r"[\u4e00-\u9fff][A-Za-z{]|[A-Za-z}][\u4e00-\u9fff]", strip_access_key(text))
    }
    assert wrong == {}


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(_APP.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def pattern(node: ast.JoinedStr) -> str:
    """The regular expression of what an f-string can become."""
    return "".join(
        re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w.:]+"
        for part in node.values
    )


def area(key: str) -> str:
    return key.partition(".")[0]


def dynamic() -> set[str]:
    """Keys that are put together from the tables of actions and settings."""
    found = {f"actions.{action}" for action in ACTIONS} | {f"actions.menu.{m}" for m in MENUS}
    found |= {f"actions.{action}.tip" for action in ACTIONS}
    for row in SETTINGS.values():
        if row.shown:
            found |= {f"settings.{row.id}", f"settings.{row.id}.tip"}
            choices = [c for c in row.choices if row.id != "look.language" or c == "system"]
            found |= {f"settings.{row.id}.{choice}" for choice in choices}
    return found


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_every_language_has_every_sentence_with_the_same_values(name: str) -> None:
    other = load_catalogue(name)
    shown = {key: words for key, words in _ENGLISH.items() if area(key) not in _ENGLISH_ONLY}
    missing = [key for key in shown if not other.get(key, "").strip()]
    assert not missing, f"resources/text/{name} lacks {', '.join(missing)}"
    left_over = sorted(set(other) - set(shown))
    assert not left_over, f"resources/text/{name} has, and English has not, {', '.join(left_over)}"
    differing = {
        key: (sentence, other[key])
        for key, sentence in shown.items()
        if set(_PLACEHOLDER.findall(sentence)) != set(_PLACEHOLDER.findall(other[key]))
    }
    assert differing == {}, f"resources/text/{name} shows other values"


@pytest.mark.parametrize("name", list(LANGUAGES))
def test_menus_have_access_keys_that_do_not_clash(name: str) -> None:
    texts = Texts(name)
    menus = {"": [f"actions.menu.{menu}" for menu in MENUS]} | {
        menu: [f"actions.{row}" for row in rows if row is not None] for menu, rows in MENUS.items()
    }
    menus["file"].append("window.recent")
    for menu, keys in menus.items():
        found = [m.group(1).casefold() for key in keys if (m := re.search("&(.)", texts(key)))]
        assert len(found) == len(set(found)), (menu, found)


def test_every_key_that_the_code_names_exists() -> None:
    missing = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t"):
                continue
            key = node.args[0]
            if isinstance(key, ast.Constant) and key.value not in _ENGLISH:
                missing.append(f"{path.name}: {key.value}")
            if isinstance(key, ast.JoinedStr) and not any(
                re.fullmatch(pattern(key), known) for known in _ENGLISH
            ):
                missing.append(f"{path.name}: {pattern(key)}")
    assert missing == []


def test_every_key_is_given_the_values_it_needs() -> None:
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t"):
                continue
            key = node.args[0]
            given = {keyword.arg for keyword in node.keywords}
            if not isinstance(key, ast.Constant) or key.value not in _ENGLISH or None in given:
                continue
            if not set(_PLACEHOLDER.findall(_ENGLISH[key.value])) <= given:
                wrong.append(f"{path.name}: {key.value}")
    assert wrong == []


def test_no_sentence_is_left_over() -> None:
    literals: set[str] = set()
    patterns: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found = pattern(node)
                # Those of the tables are known exactly.
                if re.match(rf"({'|'.join(_AREAS)})\\\.", found) and not found.startswith(
                    ("actions", "settings\\.[")
                ):
                    patterns.add(found)
    used = literals | {f"{key}.hint" for key in literals} | dynamic()
    whole = [re.compile(found) for found in patterns]
    unused = [
        key
        for key in _ENGLISH
        if area(key) not in _OF_THE_LIBRARY
        and key not in used
        and not any(found.fullmatch(key) for found in whole)
    ]
    assert unused == []


def test_nothing_that_is_shown_bypasses_the_catalogues() -> None:
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            parts = first.values if isinstance(first, ast.JoinedStr) else [first]
            words = [p.value for p in parts if isinstance(p, ast.Constant)]
            said = " ".join(w for w in words if isinstance(w, str))
            said = re.sub(r"<[^>]*>", "", said)  # mark-up around a sentence
            letters = re.findall(r"[A-Za-z]{2,}", said)
            if name in _SHOWING.split() and letters and not set(letters) <= _NAMES:
                found.append(f"{path.name}:{node.lineno}: {said}")
    assert found == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["de-AT", "en"], "de"),
        (["ja_JP"], "ja"),
        (["zh-Hant-HK", "en-US"], "zh_TW"),
        (["zh-TW"], "zh_TW"),
        (["zh_MO"], "zh_TW"),
        (["zh-Hans-CN", "de"], "zh_CN"),
        (["zh-Hans-HK"], "zh_CN"),
        (["zh_SG"], "zh_CN"),
        (["zh"], "zh_CN"),
        (["es-419", "en"], "es"),
        (["fr_CA"], "fr"),
        (["nb-NO"], "en"),
        (["nb-NO", "fr-FR", "de"], "fr"),
        ([], "en"),
    ],
)
def test_the_system_s_language_is_found(wanted: list[str], found: str) -> None:
    assert choose_language("system", wanted) == found
    assert choose_language("ja", wanted) == "ja"


def test_engines_are_called_what_they_call_themselves() -> None:
    for engine, spec in generators().items():
        assert t.get(f"engines.{engine}", "") == spec.title
        assert t.get(f"engines.{engine}.summary", "") == spec.summary
    assert t.get("engines.of_somebody_else", "Mine") == "Mine"


@pytest.mark.parametrize("name", list(LANGUAGES))
def test_names_show_no_access_keys(name: str) -> None:
    texts = Texts(name)
    for action in ACTIONS:
        words = strip_access_key(texts(f"actions.{action}"))
        assert "&" not in words
        assert not re.search(r"\(\w\)", words)


def test_what_the_engine_says_is_shown_in_the_chosen_language() -> None:
    german = Texts("de")
    part = Message("engine.filling_part", number=2, count=3)
    assert german.message(part) == "Teil 2 von 3 wird gefüllt"
    assert Texts("en").message(part) == str(part) == "Filling part 2 of 3"
    refused = FileUnreadable("photo.no_such_file", path=Path("/a b/c.jpg"))
    assert german.message(refused.message) == "Es gibt keine Datei „/a b/c.jpg“."
    # What no editor can show has no translation.
    assert german.message(Message("command.asking_network")) == "Asking the network"


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        t("export.writing", other=1)
    with pytest.raises(KeyError):
        t("nothing.like_that")


@pytest.mark.parametrize(
    ("name", "sample"),
    [("en", "1,234,567 12.5"), ("de", "1.234.567 12,5"), ("fr", "1\u202f234\u202f567 12,5")],
)
def test_numbers_are_written_as_the_language_does(name: str, sample: str) -> None:
    sentences = {**load_catalogue(name), "photo.empty": "{a:,} {b:.1f} {c} {d}"}
    shown = format_message(Message("photo.empty", a=1234567, b=12.5, c="1,5.jpg", d=2.5), sentences)
    assert shown == f"{sample} 1,5.jpg 2.5"


@pytest.fixture
def restored_language(qapp: QApplication) -> Iterator[None]:
    """Puts the language back afterwards."""
    before = QLocale()
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    t.choose("en")
    QLocale.setDefault(before)


@pytest.mark.usefixtures("restored_language")
def test_a_language_reaches_our_texts_and_qt_s(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(QSettings(str(tmp_path / "v.ini"), QSettings.Format.IniFormat))
    settings.set("look.language", "de")
    install_language(qapp, settings)
    assert t("export.cancel") == load_catalogue("de")["export.cancel"]
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    assert QLocale().toString(1234567) == "1.234.567"


@pytest.mark.usefixtures("restored_language")
@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_qt_s_file_dialog_has_no_english_left(
    qapp: QApplication, tmp_path: Path, name: str
) -> None:
    def find_words() -> set[str]:
        dialog = QFileDialog()
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        labels = {label.text() for label in dialog.findChildren(QLabel)}
        buttons = dialog.findChildren(QAbstractButton)
        said = labels | {w for button in buttons for w in (button.text(), button.toolTip())}
        dialog.deleteLater()
        return {re.sub(r"\(&\w\)|[&:：]", "", words).strip() for words in said} - {""}

    english = find_words()
    assert "Look in" in english
    settings = Settings(QSettings(str(tmp_path / "v.ini"), QSettings.Format.IniFormat))
    settings.set("look.language", name)
    install_language(qapp, settings)
    assert not english & find_words()
    folder = ("QAbstractFileIconProvider", "Folder", "All other platforms")
    assert QCoreApplication.translate(*folder) != "Folder"
