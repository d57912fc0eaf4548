"""Where PyTorch is not installed: the notice that says so, and how to get the networks too."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QGuiApplication

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.notice import Notice
from app.system.install_command import make_install_command


def offer_networks(settings: Settings) -> Notice | None:
    """The notice, with a button that copies the command which installs PyTorch; None once somebody
    has had enough of it. Nothing is installed from here: what runs would change under itself.
    """
    if settings.get("networks.quiet"):
        return None
    command = make_install_command()
    choices = (
        (t("window.no_torch.copy"), partial(QGuiApplication.clipboard().setText, command)),
        (t("window.no_torch.enough"), partial(settings.set, "networks.quiet", True)),
    )
    hint = t("window.no_torch.hint", command=command)
    return Notice(t("window.no_torch"), hint, choices, is_calm=True)
