"""Files of HDF5, as Keras writes them: read by h5py in a process of its own.

The format's library is large, written in C, and made for files that one trusts: it can follow links
to other files and load plugins. So a child with bounds on time and memory copies the tensors into a
file of safetensors, which is then read as every other.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inpaint_core.contract.errors import WeightsUnavailable

SIGNATURE = b"\x89HDF\r\n\x1a\n"
REFUSED = 3
"""What the child returns when it has written the key of a sentence to its standard output."""
_SECONDS = 120


@contextmanager
def copy_tensors(path: Path) -> Iterator[IO[bytes]]:
    """A file of safetensors with the tensors of the HDF5 file ``path``, by their paths with dots.

    Raises `WeightsUnavailable` when h5py is not installed, when the file is damaged or too large,
    and when it names other files.
    """
    if importlib.util.find_spec("h5py") is None:
        raise WeightsUnavailable("weights.needs_h5py")
    with tempfile.TemporaryDirectory(prefix="lacuna-weights-") as folder:
        copied = Path(folder) / "copied"
        _run(path, copied)
        with copied.open("rb") as stream:
            yield stream


def _run(path: Path, copied: Path) -> None:
    command = [sys.executable, "-m", "inpaint_core.networks.checkpoint.hdf5_child"]
    # The child has to find the same packages, and must load no plugins that lie on this machine.
    found = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONPATH": found, "HDF5_PLUGIN_PRELOAD": "::"}
    try:
        done = subprocess.run(
            [*command, str(path.absolute()), str(copied)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WeightsUnavailable("weights.not_readable") from error
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip()
        refusals = (
            WeightsUnavailable("weights.too_large"),
            WeightsUnavailable("weights.names_other_files"),
        )
        for refusal in refusals:
            if done.returncode == REFUSED and said == refusal.message.key:
                raise refusal
        raise WeightsUnavailable("weights.not_readable")
