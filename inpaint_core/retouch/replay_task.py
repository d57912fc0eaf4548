"""The fills of a project made again on another photo, from file to file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.photo.check_saved import Check
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.decode_guard import MAX_PIXELS
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.photo import Photo, join_lost_notes
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.project.model import Project, as_arrays
from inpaint_core.project.read_project import read_project
from inpaint_core.retouch.fill_task import (
    FILLED,
    READ,
    describe_check,
    describe_file,
    describe_output,
    describe_photo,
)
from inpaint_core.retouch.output_places import check_apart, check_place
from inpaint_core.retouch.retouch import Retouch
from inpaint_core.retouch.save_photo import save_photo


@dataclass(frozen=True)
class ReplayTask:
    """The fills of ``project`` on ``photo``: see `FillTask` for the rest."""

    photo: Path
    project: Path
    out: Path
    device: str = "auto"
    output: OutputOptions = field(default_factory=OutputOptions)
    max_pixels: int | None = None
    overwrite: bool = False

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read, the photo first."""
        return self.photo, self.project

    def check(self) -> None:
        """Find out about the output before any work is done. Raises `CannotWrite`."""
        find_writable_format(self.out)
        check_apart(self.out, self.inputs)
        check_place(self.out, self.overwrite)

    def perform(self, engine: Engine, progress: Progress) -> FinishedReplay:
        """Do the task. Nothing is written before everything is computed.

        Raises an `InpaintError`, or `Cancelled`; the output is then what it was before.
        """
        # What is kept of a fill is small: a project may have thousands.
        fills, warnings, missed = list[dict[str, Any]](), list[Message](), list[Message]()
        started = time.perf_counter()
        seen = FileVersion.at(self.out)
        with read_project(self.project) as project:
            progress.report(0.0, Message("retouch.reading_photo"))
            photo = read_photo(
                self.photo, MAX_PIXELS if self.max_pixels is None else self.max_pixels
            )
            _check_size(project, photo, self.photo)
            began = time.perf_counter()
            layers = find_writable_format(self.out).has_layers(self.output.layers)
            shape, retouch = photo.shape, Retouch(photo, layers)
            del photo
            recipes = project.recipes()
            for number, recipe in enumerate(recipes, start=1):
                step = (FILLED - READ) / len(recipes)
                part = progress.part(READ + (number - 1) * step, READ + number * step)
                options = replace(as_arrays(recipe.options, shape), device=self.device)
                result = retouch.fill(recipe.mask.spread(shape), options, engine, part)
                fills.append(_describe_fill(result))
                warnings += result.warnings
                if result.weights_sha256 != recipe.weights_sha256:
                    missed.append(Message("retouch.other_weights", number=number))
        filled_at = time.perf_counter()
        filled, reached = retouch.finish()
        saved = save_photo(
            self.out,
            filled,
            reached,
            self.output,
            overwrite=self.overwrite,
            seen=seen,
            progress=progress.part(FILLED, 1.0),
        )
        timings = {"read": began - started, "fill": filled_at - began, **saved.timings}
        losses = (*filled.notes, *dict.fromkeys(warnings), *saved.notes, *saved.loss, *missed)
        said = join_lost_notes(losses)
        return FinishedReplay(self, filled, tuple(fills), timings, said, saved.check)


@dataclass(frozen=True, eq=False)
class FinishedReplay:
    """A finished replay: the filled photo, each fill as JSON values, seconds by stage, what could
    not be honoured, and what reading the output again showed.
    """

    task: ReplayTask
    photo: Photo
    fills: tuple[dict[str, Any], ...]
    timings: Mapping[str, float]
    losses: tuple[Message, ...]
    check: Check

    def describe(self) -> dict[str, Any]:
        """What a report says about it, as JSON values."""
        task = self.task
        return {
            "photo": describe_photo(task.photo, self.photo),
            "project": str(task.project),
            "output": {**describe_file(task.out), "check": describe_check(self.check)},
            "options": {"device": task.device, **describe_output(task.output)},
            "fills": list(self.fills),
            "notes": [note for fill in self.fills for note in fill["notes"]],
            "losses": [str(loss) for loss in self.losses],
            "timings": {stage: round(seconds, 4) for stage, seconds in self.timings.items()},
        }


def _describe_fill(result: InpaintResult) -> dict[str, Any]:
    return {
        "engine": result.engine,
        "device": result.device,
        "seed": result.seed,
        "weights_sha256": result.weights_sha256,
        "rect": asdict(result.rect),
        "plan": [dict(step) for step in result.plan],
        "notes": [str(note) for note in result.notes],
    }


def check_project(path: Path) -> None:
    """Refuse a project that cannot be replayed on any photo.

    Raises what reading a project raises, `UnknownEngine` and `BadRequest`.
    """
    with read_project(path) as project:
        recipes = project.recipes()
        if not recipes:
            raise BadRequest("retouch.project_without_fills", path=path)
        for recipe in recipes:
            generator(recipe.options.engine)


def _check_size(project: Project, photo: Photo, path: Path) -> None:
    """Raise `BadRequest` unless the photo has the size of the one that the project is of."""
    (height, width), (high, wide) = photo.shape, project.original.shape
    if (height, width) != (high, wide):
        raise BadRequest(
            "retouch.project_of_other_size",
            path=path,
            width=width,
            height=height,
            project_width=wide,
            project_height=high,
        )
