"""Choosing the language once, before anything is written on the screen."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app.configuration.settings import Settings
from app.configuration.text import language, t


def install(application: QApplication, settings: Settings) -> None:
    """Use the language of the settings, or the system's, for our texts and for Qt's own.

    Numbers keep the system's form unless another language than the system's was chosen.
    """
    system = QLocale.system()
    choice = str(settings.get("look.language"))
    found = language(choice, system.uiLanguages())
    t.choose(found)
    locale = QLocale(found)
    if choice == "system" and system.language() == locale.language():
        locale = system
    QLocale.setDefault(locale)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # Of English there is none to load: it is what Qt says anyway.
    if translator.load(f"qtbase_{found}", folder):
        application.installTranslator(translator)
