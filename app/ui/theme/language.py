"""Sets the language at start-up, before any text is shown."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.configuration.text import choose_language, t


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
        application.installTranslator(translator)
