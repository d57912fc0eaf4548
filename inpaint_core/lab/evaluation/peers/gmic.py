"""G'MIC's ``inpaint_matchpatch``, with its own default settings."""

from __future__ import annotations

import re
import shutil
import subprocess

from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFiles, PeerMissing

_PATIENCE = 60  # seconds


def _find_program() -> str:
    program = shutil.which("gmic")
    if program is None:
        raise PeerMissing("lab.peer_not_installed", program="G'MIC")
    return program


def _find() -> str:
    try:
        said = subprocess.run([_find_program(), "-version"], capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing("lab.peer_not_working", program="G'MIC", reason=error) from error
    version = re.search(rb"Version (\d+\.\d+\.\d+)", said.stdout + said.stderr)
    return "?" if version is None else version[1].decode()


def _command(files: PeerFiles) -> list[str]:
    # Without “-v -1” it fills the pipe of its messages.
    places = [str(files.photo), str(files.mask)]
    steps = ["inpaint_matchpatch[0]", "[1]", "keep[0]", "output", str(files.out)]
    return [_find_program(), "-v", "-1", *places, *steps]


PEERS = (Peer("gmic", "G'MIC inpaint_matchpatch", _find, _command),)
