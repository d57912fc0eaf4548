"""Resynthesizer inside GIMP 2.10, in batch mode.

The script does what the plug-in's own “Heal selection” does with its defaults: it copies from a
frame of 50 pixels around the selection, in random order, with 16 neighbours and 500 probes.
"""

from __future__ import annotations

import re
import shutil
import subprocess

from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFiles, PeerMissing

FRAME = 50
"""Pixels around the hole that “Heal selection” copies from."""
NEIGHBOURS, PROBES, OUTLIERS = 16, 500, 0.117

_PATIENCE = 120  # seconds; the first start after an installation reads every plug-in
_ASK = """
(begin
  (gimp-message (string-append "resynthesizer="
    (number->string (car (gimp-procedural-db-proc-exists "plug-in-resynthesizer")))))
  (gimp-quit 0))
"""
_HEAL = """
(let* ((photo (car (gimp-file-load RUN-NONINTERACTIVE {photo} {photo})))
       (layer (car (gimp-image-get-active-layer photo)))
       (mask (car (gimp-file-load-layer RUN-NONINTERACTIVE photo {mask}))))
  (gimp-context-set-antialias FALSE)
  (gimp-context-set-feather FALSE)
  (gimp-context-set-sample-merged FALSE)
  (gimp-context-set-sample-threshold-int 127)
  (gimp-image-insert-layer photo mask 0 -1)
  (gimp-image-select-color photo CHANNEL-OP-REPLACE mask '(255 255 255))
  (gimp-image-remove-layer photo mask)
  (let* ((copy (car (gimp-image-duplicate photo)))
         (corpus (car (gimp-image-get-active-layer copy)))
         (hole (car (gimp-selection-save copy))))
    (gimp-selection-grow copy {frame})
    (gimp-image-select-item copy CHANNEL-OP-SUBTRACT hole)
    (let* ((bounds (gimp-selection-bounds copy))
           (left (nth 1 bounds)) (top (nth 2 bounds))
           (width (- (nth 3 bounds) left)) (height (- (nth 4 bounds) top)))
      (gimp-image-crop copy width height left top)
      (plug-in-resynthesizer RUN-NONINTERACTIVE photo layer 0 0 1
        corpus -1 -1 0.0 {outliers} {neighbours} {probes})))
  (gimp-file-save RUN-NONINTERACTIVE photo layer {out} {out})
  (gimp-quit 0))
"""


def _build_command(script: str) -> list[str]:
    program = shutil.which("gimp-console-2.10") or shutil.which("gimp-2.10")
    program = program or shutil.which("gimp-console") or shutil.which("gimp")
    if program is None:
        raise PeerMissing("lab.peer_not_installed", program="GIMP")
    quiet = ["--new-instance", "--no-interface", "--no-data", "--no-fonts", "--no-splash"]
    # After an error in the script GIMP would stay.
    return [program, *quiet, "--batch", " ".join(script.split()), "--batch", "(gimp-quit 1)"]


def _find() -> str:
    ask = _build_command(_ASK)
    try:
        said = subprocess.run([ask[0], "--version"], capture_output=True, timeout=_PATIENCE)
        version = re.search(rb"\d+\.\d+\.\d+", said.stdout)
        if version is None or not version[0].startswith(b"2.10."):
            found = "?" if version is None else version[0].decode()
            raise PeerMissing("lab.peer_wrong_version", program="GIMP", wanted="2.10", found=found)
        answer = subprocess.run(
            ask, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing("lab.peer_not_working", program="GIMP", reason=error) from error
    if b"resynthesizer=1" not in answer.stdout + answer.stderr:
        raise PeerMissing("lab.peer_without_plugin", program="GIMP", plugin="Resynthesizer")
    return version[0].decode()


def _command(files: PeerFiles) -> list[str]:
    def quote(text: object) -> str:
        return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'

    script = _HEAL.format(
        photo=quote(files.photo),
        mask=quote(files.mask),
        out=quote(files.out),
        frame=FRAME,
        outliers=OUTLIERS,
        neighbours=NEIGHBOURS,
        probes=PROBES,
    )
    return _build_command(script)


PEERS = (Peer("gimp-resynthesizer", "GIMP with Resynthesizer, Heal selection", _find, _command),)
