"""Sets the language at start-up, before any text is shown."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.configuration.text import choose_language, t

_OLDER_CONTEXTS = {"QAbstractFileIconProvider": "QFileDialog"}


def install_language(application: QApplication, settings: Settings) -> None:
    """Use the language of the settings, or the system's, for our texts and for Qt's own.

    Numbers keep the system's format unless another language than the system's was chosen.
    """
    system = QLocale.system()
    choice = str(settings.get("look.language"))
    code = choose_language(choice, system.uiLanguages())
    t.choose(code)
    locale = QLocale(code)
    if choice == "system" and system.language() == locale.language():
        locale = system
    QLocale.setDefault(locale)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # There is no file for English, which is Qt's own language.
    if translator.load(f"qtbase_{code}", folder):
        # The one that was installed last is asked first.
        application.installTranslator(_OlderSentences(translator, application))
        application.installTranslator(translator)


class _OlderSentences(QTranslator):
    """Finds what Qt's catalogue still has as an older Qt said it.

    Most languages lack “&Look in:” and “Files of &type:” of Qt's file dialog, but have both without
    an access key; and its types of files, such as “Folder”, have another context now.
    """

    def __init__(self, catalogue: QTranslator, parent: QObject) -> None:
        super().__init__(parent)
        self._catalogue = catalogue

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """The translation, or None, on which Qt asks the next catalogue."""
        older_context = _OLDER_CONTEXTS.get(context, context)
        if "&" not in source and older_context == context:
            return None
        return self._catalogue.translate(older_context, source.replace("&", "")) or None
