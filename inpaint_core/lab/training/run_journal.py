"""What a run tells: lines of JSON, pictures, and TensorBoard where it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.lab.training.validation import encode
from inpaint_core.photo.atomic_file import replacing

Say = Callable[[Mapping[str, Any]], None]


class Journal:
    """Lines go to ``metrics.jsonl`` in ``folder`` and to ``say``.

    ``tensorboard``: to TensorBoard's files in the same folder as well; where it is not installed
    that is said once, and the run goes on without.
    """

    def __init__(self, folder: Path, say: Say, tensorboard: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.say = folder, say
        self.board: Any = None
        if tensorboard:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                say({"note": "TensorBoard is not installed; the run goes on without it."})
            else:
                self.board = SummaryWriter(str(folder / "tensorboard"))

    def line(self, figures: Mapping[str, Any]) -> None:
        """One line; numbers other than its "step" become curves."""
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(figures) + "\n")
        if self.board is not None:
            for name in figures.keys() - {"step", "images"}:
                self.board.add_scalar(name, figures[name], figures["step"])
        self.say(figures)

    def sheet(self, picture: NDArray[np.uint8], step: int) -> None:
        """A contact sheet (H, W, 3) RGB: ``validation.png``, in place of the one before."""
        with replacing(self.folder / "validation.png", True) as stream:
            stream.write(encode(picture))
        if self.board is not None:
            self.board.add_image("validation", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Let go of the files."""
        if self.board is not None:
            self.board.close()
