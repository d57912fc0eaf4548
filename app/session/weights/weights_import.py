"""Imports weights of other programs: files are read in a child process, and fetched when asked."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.workers.decoder.decoder_pool import DecoderPool
from app.workers.decoder.limits import DecodeLimits
from app.workers.decoder.weights_work import BroughtIn, ExaminedWeights, bring_in, examine
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from inpaint_core.importing.catalogue import CatalogueFile

_READING_BYTES = 2 << 30  # of memory; only the tables of a file are read
_IMPORT_SECONDS = 600.0  # converting and testing 50 million numbers takes 20 on a slow machine
_LEAST_IMPORT_BYTES = 12 << 30  # of addresses: torch alone maps several GB of libraries


class WeightsImport(QObject):
    """Starts the jobs of an import, one after the other on a ``lane`` of its own, so that photos
    open meanwhile. ``imported(result)``: weights are there from now on, see `BroughtIn`.
    """

    imported = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lane = Lane("weights")
        self._decoder: DecoderPool | None = None

    def examine(self, path: Path) -> Job:
        """Find out what a file holds; the job's result is an `ExaminedWeights`."""
        return self.lane.start(partial(self._examine, path))

    def bring_in(self, examined: ExaminedWeights, stem: str, accepted: bool) -> Job:
        """Import a file under a name made of ``stem``; the job's result is a `BroughtIn`.
        ``accepted``: non-commercial use only.
        """
        job = self.lane.start(partial(self._bring_in, examined, stem, accepted))
        job.succeeded.connect(self.imported)
        return job

    def fetch(self, file: CatalogueFile) -> Job:
        """Fetch a file that a person said yes to, and import it; the result as of `bring_in`."""
        job = self.lane.start(partial(self._fetch, file))
        job.succeeded.connect(self.imported)
        return job

    def release(self) -> None:
        """End the child process, once what is queued is done: it has torch in its memory."""
        self.lane.start(lambda progress: self._end_child())

    def close(self) -> None:
        """Cancel what is under way, and end the thread and the child process."""
        self.lane.close()
        self._end_child()

    # -- on the lane's thread ------------------------------------------------------------------

    def _examine(self, path: Path, progress: Progress) -> ExaminedWeights:
        usual = DecodeLimits.for_file(path)
        limits = DecodeLimits(usual.seconds, min(usual.bytes, _READING_BYTES))
        return self._get_decoder().run(
            examine, path, path=path, limits=limits, progress=progress, reports=True
        )

    def _bring_in(
        self, examined: ExaminedWeights, stem: str, accepted: bool, progress: Progress
    ) -> BroughtIn:
        from inpaint_core.networks.store.entry_folder import remove_abandoned_imports

        path, usual = examined.path, DecodeLimits.for_seconds(_IMPORT_SECONDS)
        limits = DecodeLimits(usual.seconds, max(usual.bytes, _LEAST_IMPORT_BYTES))
        order = (path, examined.sha256, stem, accepted)
        try:
            return self._get_decoder().run(
                bring_in, *order, path=path, limits=limits, progress=progress, reports=True
            )
        except Cancelled:
            remove_abandoned_imports()  # the child was killed in the middle of it
            raise

    def _fetch(self, file: CatalogueFile, progress: Progress) -> BroughtIn:
        from inpaint_core.importing.download import discard_download, download

        path = download(file, progress.part(0.0, 0.7))
        examined = self._examine(path, progress.part(0.7, 0.75))
        brought = self._bring_in(examined, file.entry, False, progress.part(0.75, 1.0))
        discard_download(file)
        return brought

    def _get_decoder(self) -> DecoderPool:
        if self._decoder is None:
            self._decoder = DecoderPool()
        return self._decoder

    def _end_child(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None
