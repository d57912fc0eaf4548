"""Hands photos to the window that another process has."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtNetwork import QLocalSocket

from app.instance.requests import ACCEPTED, CLOSED, TOKEN, OpenRequest

_PAUSE = 0.05  # s between two attempts
_PATIENCE = 500  # ms
_ANY_PROCESS = -1  # ASFW_ANY


def hand_over(paths: Sequence[Path], address: Path, deadline: float) -> str:
    """Have the window that listens at ``address`` open the photos and come to the front.

    Tries until ``deadline`` (`time.monotonic`): a window that is just starting listens soon.
    Returns "" when the window has accepted them, else the reason why not; it then opens nothing.
    Needs a QApplication.
    """
    socket, reason = _ask(paths, address, deadline, waits=False)
    socket.abort()
    return reason


def edit_in_window(paths: Sequence[Path], address: Path, deadline: float) -> tuple[str, bool]:
    """Have the window that listens at ``address`` open the photos for this process, and wait until
    all of them are closed there.

    Tries until ``deadline`` to have them accepted; then waits without end. Returns why the window
    did not accept them, "" if it did, and whether all of them were opened and closed again.
    """
    socket, reason = _ask(paths, address, deadline, waits=True)
    if reason:
        socket.abort()
        return reason, False
    answer = b""
    answer += socket.readAll().data()  # it may have come with the first one
    while not answer.endswith(b"\n") and _is_connected(socket):  # else the window has gone
        socket.waitForReadyRead(_PATIENCE)  # not longer, so that Ctrl+C is heard
        answer += socket.readAll().data()
    return "", answer == CLOSED


def _ask(
    paths: Sequence[Path], address: Path, deadline: float, waits: bool
) -> tuple[QLocalSocket, str]:
    """The connection over which the photos were handed over, and why they were not."""
    token = os.environ.get(TOKEN, "")
    request = OpenRequest(tuple(map(_make_absolute, paths)), token, waits)
    socket = QLocalSocket()
    while True:
        socket.connectToServer(str(address))
        if socket.waitForConnected(_left(deadline)):
            break
        if time.monotonic() > deadline:
            return socket, f"it cannot be reached: {socket.errorString()}"
        time.sleep(_PAUSE)
    _let_come_to_front()
    socket.write(request.encode())
    answer = b""
    while not answer.endswith(b"\n"):
        if not socket.waitForReadyRead(_left(deadline)):
            socket.abort()  # from now on it must not open them, as this process will
            return socket, "it does not answer"
        answer += socket.read(len(ACCEPTED) - len(answer)).data()
    return socket, "" if answer == ACCEPTED else "it is of another version"


def _is_connected(socket: QLocalSocket) -> bool:
    return socket.state() == QLocalSocket.LocalSocketState.ConnectedState


def _make_absolute(path: Path) -> Path:
    """The other process has another working directory."""
    return path.absolute()


def _left(deadline: float) -> int:
    """Milliseconds, at least 1: to Qt, -1 means without end."""
    return max(1, int((deadline - time.monotonic()) * 1e3))


def _let_come_to_front() -> None:
    """Windows gives the keyboard only to a window of whoever has it, or is allowed to take it."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(_ANY_PROCESS)
