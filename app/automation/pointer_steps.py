"""The steps of a script that send what a mouse, a pen and a keyboard send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.automation.play_context import PlayContext, StepFailed, call_in_loop, check_no_dialog
from app.automation.pointer import Pointer
from app.automation.script import Step
from app.configuration.text import t
from app.ui.painting.view_transform import ViewPosition


def draw_stroke(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Press, move and release."""
    context.document  # noqa: B018  raises if no photo is open
    check_no_dialog()
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


def hover_at(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Move there without a button."""
    context.document  # noqa: B018
    context.latency.results()
    Pointer(context.window.canvas, context.latency).hover(step.get("at"))
    report |= context.latency.results()
    yield


def turn_wheel(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Turn the wheel at a point."""
    context.document  # noqa: B018
    context.latency.results()
    pointer = Pointer(context.window.canvas, context.latency, modifiers=step.get("modifiers", ()))
    pointer.wheel(step.get("at"), step.get("steps"))
    report |= {**context.latency.results(), "zoom": context.window.canvas.zoom}
    yield


def set_zoom(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Set the zoom."""
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


def type_keys(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    """Type a shortcut or a text."""
    target = QApplication.focusWidget() or QApplication.activeModalWidget()
    widget = target if target is not None else context.window.canvas
    if step.get("text") is not None:
        yield from call_in_loop(context, lambda: QTest.keyClicks(widget, step.get("text")), report)
        return
    sequence = QKeySequence.fromString(step.get("keys"), QKeySequence.SequenceFormat.PortableText)
    if not sequence.toString():
        raise StepFailed(t("play.bad_keys", keys=step.get("keys")))
    yield from call_in_loop(
        context, lambda: _type(widget, sequence, step.get("part", "both")), report
    )


def _type(target: QWidget, sequence: QKeySequence, part: str) -> None:
    for place in range(sequence.count()):
        key = sequence[place]  # type: ignore[index]  # missing in Qt's own type hints
        if part != "release":
            QTest.keyPress(target, key.key(), key.keyboardModifiers())
        if part != "press":
            QTest.keyRelease(target, key.key(), key.keyboardModifiers())
