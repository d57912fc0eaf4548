"""Listens for photos that other processes hand to this window."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.instance.requests import ACCEPTED, CLOSED, MOST_BYTES, NOT_OPENED, OpenRequest

_log = logging.getLogger(__name__)


class WindowListener(QObject):
    """Listens at ``address`` until `close`; for the process that holds the claim to it alone.

    ``asked(OpenRequest)`` is emitted for every request that is valid and whose sender is still
    there; for one that waits, ``edit_asked(OpenRequest, finish)`` instead: ``finish(True)`` says
    that its photos are closed again, ``finish(False)`` that one was never open.
    """

    asked = Signal(object)
    edit_asked = Signal(object, object)

    def __init__(self, address: Path) -> None:
        super().__init__()
        self._waiting: dict[int, QLocalSocket] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        QLocalServer.removeServer(str(address))  # of a process that crashed
        if not self._server.listen(str(address)):
            _log.warning("other processes cannot reach this window: %s", self._server.errorString())

    @property
    def is_listening(self) -> bool:
        """False where the system cannot have a socket at that address."""
        return self._server.isListening()

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(partial(self._on_data, socket))
            self._on_data(socket)

    def _on_data(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > MOST_BYTES:
                socket.abort()
            return
        try:
            request = OpenRequest.decode(bytes(socket.readLine().data()))
        except (ValueError, RecursionError) as error:
            _log.warning("a request of another process was not understood: %s", error)
            socket.disconnectFromServer()
            return
        # Who has given up waiting opens them itself.
        socket.write(ACCEPTED)
        if socket.waitForBytesWritten() and _is_open(socket):
            if request.waits:
                socket.readyRead.disconnect()
                self._waiting[id(socket)] = socket
                socket.disconnected.connect(partial(self._waiting.pop, id(socket), None))
                self.edit_asked.emit(request, partial(self._finish, id(socket)))
                return
            self.asked.emit(request)
        socket.disconnectFromServer()

    def _finish(self, waiting: int, are_closed: bool) -> None:
        """Answer one that waits, unless it has gone meanwhile."""
        socket = self._waiting.get(waiting)
        if socket is not None:
            socket.write(CLOSED if are_closed else NOT_OPENED)
            socket.waitForBytesWritten()  # this process may be about to end
            socket.disconnectFromServer()


def _is_open(socket: QLocalSocket) -> bool:
    return socket.state() == QLocalSocket.LocalSocketState.ConnectedState
