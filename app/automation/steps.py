"""How each step of a script is carried out on the window."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.automation.fill_timings import FillTimings
from app.automation.paint_latency import PaintLatency
from app.automation.pointer import Pointer
from app.automation.resident_memory import resident_megabytes
from app.automation.script import Step
from app.configuration.actions import ACTIONS
from app.configuration.text import t
from app.session.export import ExportPlan, is_original
from app.session.mask_commands import edges_path
from app.ui.painting.view_transform import ViewPosition

if TYPE_CHECKING:
    from app.document.document import Document
    from app.session.notice import Notice
    from app.ui.shell.window import Window

_TIMEOUT = 120.0  # seconds that a step waits unless it says otherwise


class StepFailed(Exception):
    """A step could not be carried out; the message says why."""


class PlayContext:
    """What the steps share: the window, the measurements, and the latest notices."""

    def __init__(self, window: Window, folder: Path) -> None:
        self.window = window
        self.folder = folder
        self.settings = window.controller.settings
        self.latency = PaintLatency(window.canvas)
        self.fill_timings = FillTimings(window)
        self.told: list[Notice] = []
        window.controller.notice_posted.connect(self.told.append)

    @property
    def document(self) -> Document:
        """The photo in front. Raises `StepFailed` when there is none."""
        session = self.window.controller.current
        if session is None:
            raise StepFailed(t("play.no_photo"))
        return session.document

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs in the background and no search is under way."""
        from app.ui.tools.search_tool import SearchTool

        tool = self.window.canvas.tool
        seeking = isinstance(tool, SearchTool) and tool.is_searching
        return not (self.window.controller.is_busy or seeking)

    def is_reached(self, goal: str) -> bool:
        """Whether what the step “wait” waits for has come."""
        controller = self.window.controller
        if goal == "engine":
            return controller.engines.loaded is not None
        if goal == "photo":  # without one, the canvas is not painted
            return controller.current is not None and self.latency.paint_count > 0
        return self.is_idle

    def reason(self) -> str:
        """The last notice since the step began, "" if none."""
        return self.told[-1].text if self.told else ""


StepAction = Callable[[PlayContext, Step, dict[str, Any]], Iterator[None]]
"""Carries out a step, yields while it waits, adds figures to the report. Raises `StepFailed`."""


def _wait_until(done: Callable[[], bool], seconds: float = _TIMEOUT) -> Iterator[None]:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise StepFailed(t("play.late", seconds=f"{seconds:g}"))
        yield


def _call(
    context: PlayContext, act: Callable[[], object], report: dict[str, Any]
) -> Iterator[None]:
    """Call ``act`` from the event loop, until it has returned or opened a dialog.

    A dialog runs its own event loop, and returns when a later step closes it.
    """
    dialog = QApplication.activeModalWidget()
    returned = False

    def call() -> None:
        nonlocal returned
        began = time.perf_counter()
        context.latency.measure(act, timeout=0.0)
        report["ms"] = round((time.perf_counter() - began) * 1e3, 2)
        returned = True

    QTimer.singleShot(0, call)
    yield
    while not returned:
        opened = QApplication.activeModalWidget()
        if opened is not None and opened is not dialog:
            report["dialog"] = opened.windowTitle()
            report.pop("ms", None)
            yield
            return
        yield


def _open(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    path = (context.folder / step.get("path")).absolute()
    controller = context.window.controller
    context.told.clear()
    painted = context.latency.paint_count
    controller.open([path])
    yield from _wait_until(lambda: not controller.is_busy)
    current = controller.current
    if current is None or path not in (current.document.path, current.project_path):
        raise StepFailed(t("play.not_opened", name=path.name, reason=context.reason()))
    yield from _wait_until(lambda: context.latency.paint_count > painted)
    height, width = current.document.shape
    report |= {"width": width, "height": height}


def _resize(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.window.resize(step.get("width"), step.get("height"))
    yield
    report |= {"width": context.window.size().width(), "height": context.window.size().height()}


def _tool(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    for field in ("size", "hardness"):
        if step.get(field) is not None:
            context.settings.set(f"brush.{field}", step.get(field))
    yield from _trigger(context, f"tool.{step.get('id')}", None, report)


def _stroke(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.document  # noqa: B018  raises if no photo is open
    _check_no_dialog()
    pointer = Pointer(
        context.window.canvas,
        context.latency,
        device=step.get("device", "mouse"),
        eraser=step.get("eraser", False),
        button=step.get("button", "left"),
        modifiers=step.get("modifiers", ()),
    )
    context.latency.results()
    yield from pointer.stroke(
        step.get("points"), step.get("seconds", 0.0), step.get("double", False), step.get("release")
    )
    report |= context.latency.results()


def _hover(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.document  # noqa: B018
    context.latency.results()
    Pointer(context.window.canvas, context.latency).hover(step.get("at"))
    report |= context.latency.results()
    yield


def _wheel(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.document  # noqa: B018
    context.latency.results()
    pointer = Pointer(context.window.canvas, context.latency, modifiers=step.get("modifiers", ()))
    pointer.wheel(step.get("at"), step.get("steps"))
    report |= {**context.latency.results(), "zoom": context.window.canvas.zoom}
    yield


def _zoom(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.document  # noqa: B018
    canvas, to, at = context.window.canvas, step.get("to"), step.get("at")
    context.latency.results()
    if to == "fit":
        context.latency.measure(canvas.fit)
    elif at is None:
        context.latency.measure(lambda: canvas.zoom_to(to))
    else:
        context.latency.measure(lambda: canvas.restore_view(ViewPosition(to, at[0], at[1], False)))
    report |= {**context.latency.results(), "zoom": canvas.zoom}
    yield


def _key(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    target = QApplication.focusWidget() or QApplication.activeModalWidget()
    widget = target if target is not None else context.window.canvas
    if step.get("text") is not None:
        yield from _call(context, lambda: QTest.keyClicks(widget, step.get("text")), report)
        return
    sequence = QKeySequence.fromString(step.get("keys"), QKeySequence.SequenceFormat.PortableText)
    if not sequence.toString():
        raise StepFailed(t("play.bad_keys", keys=step.get("keys")))
    yield from _call(context, lambda: _type(widget, sequence, step.get("part", "both")), report)


def _type(target: QWidget, sequence: QKeySequence, part: str) -> None:
    for place in range(sequence.count()):
        key = sequence[place]  # type: ignore[index]  # missing in Qt's own type hints
        if part != "release":
            QTest.keyPress(target, key.key(), key.keyboardModifiers())
        if part != "press":
            QTest.keyRelease(target, key.key(), key.keyboardModifiers())


def _action(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    yield from _trigger(context, step.get("id"), step.get("on"), report)


def _trigger(
    context: PlayContext, name: str, on: bool | None, report: dict[str, Any]
) -> Iterator[None]:
    action = context.window.actions_by_id[name]
    _check_no_dialog()
    if not action.isEnabled():
        raise StepFailed(t("play.greyed", name=ACTIONS[name].name))
    if on is None or not action.isCheckable() or action.isChecked() != on:
        yield from _call(context, action.trigger, report)


def _set(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.settings.set(step.get("id"), step.get("value"))
    report["value"] = context.settings.get(step.get("id"))
    yield


def _wait(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    seconds = step.get("seconds", _TIMEOUT)
    if step.get("for") == "preview":
        fill = context.fill_timings.latest
        if fill is None or fill.ended is not None:
            raise StepFailed(t("play.no_fill"))
        yield from _wait_until(lambda: fill.is_shown, seconds)
    else:
        yield from _wait_until(partial(context.is_reached, step.get("for", "idle")), seconds)
        yield  # what ended is shown
    if context.fill_timings.latest is not None:
        report |= context.fill_timings.latest.describe()
    if context.told:
        report["told"] = context.reason()


def _history(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    position = int(step.get("position"))
    if position > len(context.document.history.entries):
        raise StepFailed(t("play.no_position", position=position))
    yield from _call(context, lambda: context.window.controller.go_to(position), report)


def _variation(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    controller, number = context.window.controller, int(step.get("number"))
    session = controller.current
    variations = None if session is None else session.variations
    if variations is None or number > len(variations.fills):
        raise StepFailed(t("play.no_variation", number=number))
    yield from _call(context, lambda: controller.choose_variation(number - 1), report)


def _mask(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    revision = context.document.revision
    context.told.clear()
    masks, path = context.window.command_handlers.mask_commands, context.folder / step.get("path")
    (masks.load_semantic if step.get("what") == "semantic" else masks.load)(path)
    yield from _wait_until(lambda: context.is_idle)
    if context.document.revision == revision and context.told:
        raise StepFailed(context.reason())


def _stamp(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    import numpy as np

    from inpaint_core.contract.geometry import Rect

    document = context.document
    rect = Rect(*(int(number) for number in step.get("rect")))
    rect = rect.intersect(Rect.whole(document.shape))
    kind = document.photo.pixels.dtype
    noise = np.random.default_rng(step.line)
    pixels = noise.integers(0, np.iinfo(kind).max, (rect.h, rect.w, 3), kind, endpoint=True)
    context.latency.results()
    context.latency.measure(lambda: document.apply_fill(rect, pixels))
    report |= {**context.latency.results(), "pixels": rect.area}
    yield


def _grab(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    yield  # lets pending paint events run first
    of = step.get("of", "window")
    widget: Any = context.window.canvas if of == "canvas" else context.window
    if of == "dialog":
        widget = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
        widget = widget or next((w for w in shown if w.isVisible()), None)
        if widget is None:
            raise StepFailed(t("play.no_dialog"))
    path = context.folder / step.get("path")
    _check_free(context, step, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = widget.grab()
    if not picture.save(str(path)):
        raise StepFailed(t("play.not_saved", name=path.name))
    report |= {"width": picture.width(), "height": picture.height()}


def _export(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    from app.ui.dialogs.export_dialog import ExportOrder

    context.document  # noqa: B018
    path = (context.folder / step.get("path")).absolute()
    overwrite = step.get("overwrite", False)
    before = path.stat().st_mtime_ns if path.exists() else None
    context.told.clear()
    if step.get("what") == "mask":
        _check_free(context, step, path, edges_path(path))
        context.window.command_handlers.mask_commands.save(path)
    else:
        plan = ExportPlan(
            format=step.get("format", "same"),
            quality=step.get("quality"),
            depth=step.get("depth", 0),
            profile=step.get("profile", "keep"),
            metadata=step.get("metadata", "all"),
        )
        session = context.window.controller.current
        assert session is not None
        context.window.command_handlers.write(session, ExportOrder(path, plan, overwrite=overwrite))
    yield from _wait_until(lambda: context.is_idle)
    if not path.exists() or path.stat().st_mtime_ns == before:
        raise StepFailed(f"{t('play.not_saved', name=path.name)} {context.reason()}".strip())
    report["bytes"] = path.stat().st_size


def _check_free(context: PlayContext, step: Step, *paths: Path) -> None:
    """Raise `StepFailed` for a file that exists, unless the step says that it may be replaced, and
    for the photo itself.
    """
    session = context.window.controller.current
    photo = None if session is None else session.document.path
    for path in paths:
        exists = os.path.lexists(path)
        if exists and (not step.get("overwrite", False) or is_original(path, photo)):
            raise StepFailed(t("play.exists", name=path.name))


def _memory(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    report["resident_mb"] = resident_megabytes()
    yield


def _quit(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    yield


def _check_no_dialog() -> None:
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        raise StepFailed(t("play.dialog", title=dialog.windowTitle()))


#: The action of each step of `app.automation.script.STEPS`.
STEPS: Mapping[str, StepAction] = MappingProxyType(
    {
        "open": _open,
        "resize": _resize,
        "tool": _tool,
        "stroke": _stroke,
        "hover": _hover,
        "wheel": _wheel,
        "zoom": _zoom,
        "key": _key,
        "action": _action,
        "set": _set,
        "wait": _wait,
        "history": _history,
        "variation": _variation,
        "mask": _mask,
        "stamp": _stamp,
        "grab": _grab,
        "export": _export,
        "memory": _memory,
        "quit": _quit,
    }
)
