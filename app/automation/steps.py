"""What each step of a script does to the window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.automation.paint_latency import Watch
from app.automation.pointer import Hand
from app.automation.script import Step
from app.configuration.actions import ACTIONS
from app.configuration.text import t
from app.session.export import ExportPlan
from app.ui.painting.view_transform import Place

if TYPE_CHECKING:
    from app.document.document import Document
    from app.session.session import Message
    from app.ui.shell.window import Window

_PATIENCE = 120.0  # seconds that a step waits, unless it says how long


class Failed(Exception):
    """A step could not be done: a sentence that says why."""


class Play:
    """What the steps share: the window, the clock, and what the window told last."""

    def __init__(self, window: Window, folder: Path) -> None:
        self.window = window
        self.folder = folder
        self.settings = window.controller.settings
        self.watch = Watch(window.canvas)
        self.told: list[Message] = []
        for source in (window.controller, window.deeds, window.desk):
            source.told.connect(self.told.append)

    @property
    def document(self) -> Document:
        """The photo in front. Raises `Failed` when there is none."""
        session = self.window.controller.current
        if session is None:
            raise Failed(t("play.no_photo"))
        return session.document

    @property
    def idle(self) -> bool:
        """True when nothing goes on in the background and no stroke is under way."""
        from app.ui.tools.seeker import Seeker

        tool = self.window.canvas.tool
        seeking = isinstance(tool, Seeker) and tool.active
        return not (self.window.controller.busy or seeking)

    def reason(self) -> str:
        """What the window told since the step began, in one sentence."""
        return self.told[-1].text if self.told else ""


Do = Callable[[Play, Step, dict[str, Any]], Iterator[None]]
"""Does a step on the window, yields while it waits, and puts what there is to tell into the
dictionary. Raises `Failed`."""


def _wait_until(done: Callable[[], bool], seconds: float = _PATIENCE) -> Iterator[None]:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Failed(t("play.late", seconds=f"{seconds:g}"))
        yield


def _called(play: Play, act: Callable[[], object], found: dict[str, Any]) -> Iterator[None]:
    """Call ``act`` from the event loop, until it has returned or has opened a dialog.

    A dialog runs an event loop of its own and returns when it is closed, by a later step.
    """
    dialog = QApplication.activeModalWidget()
    returned = False

    def call() -> None:
        nonlocal returned
        began = time.perf_counter()
        play.watch.measure(act, patience=0.0)
        found["ms"] = round((time.perf_counter() - began) * 1e3, 2)
        returned = True

    QTimer.singleShot(0, call)
    yield
    while not returned:
        opened = QApplication.activeModalWidget()
        if opened is not None and opened is not dialog:
            found["dialog"] = opened.windowTitle()
            found.pop("ms", None)
            yield
            return
        yield


def _open(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    path = (play.folder / step.get("path")).absolute()
    controller = play.window.controller
    play.told.clear()
    painted = play.watch.painted
    controller.open([path])
    yield from _wait_until(lambda: not controller.reading)
    current = controller.current
    if current is None or current.document.path != path:
        raise Failed(t("play.not_opened", name=path.name, reason=play.reason()))
    yield from _wait_until(lambda: play.watch.painted > painted)
    height, width = current.document.shape
    found |= {"width": width, "height": height}


def _resize(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.window.resize(step.get("width"), step.get("height"))
    yield
    found |= {"width": play.window.size().width(), "height": play.window.size().height()}


def _tool(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    for field in ("size", "hardness"):
        if step.get(field) is not None:
            play.settings.set(f"brush.{field}", step.get(field))
    yield from _trigger(play, f"tool.{step.get('id')}", None, found)


def _stroke(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.document  # noqa: B018  a stroke on nothing is a mistake in the script
    _check_no_dialog()
    hand = Hand(
        play.window.canvas,
        play.watch,
        device=step.get("device", "mouse"),
        eraser=step.get("eraser", False),
        button=step.get("button", "left"),
        held=step.get("modifiers", ()),
    )
    play.watch.results()
    yield from hand.stroke(
        step.get("points"),
        step.get("seconds", 0.0),
        step.get("double", False),
        step.get("release"),
    )
    found |= play.watch.results()


def _hover(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.document  # noqa: B018
    play.watch.results()
    Hand(play.window.canvas, play.watch).hover(step.get("at"))
    found |= play.watch.results()
    yield


def _wheel(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.document  # noqa: B018
    play.watch.results()
    hand = Hand(play.window.canvas, play.watch, held=step.get("modifiers", ()))
    hand.wheel(step.get("at"), step.get("steps"))
    found |= {**play.watch.results(), "zoom": play.window.canvas.zoom}
    yield


def _zoom(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.document  # noqa: B018
    canvas, to, at = play.window.canvas, step.get("to"), step.get("at")
    play.watch.results()
    if to == "fit":
        play.watch.measure(canvas.fit)
    elif at is None:
        play.watch.measure(lambda: canvas.zoom_to(to))
    else:
        play.watch.measure(lambda: canvas.restore_view(Place(to, at[0], at[1], False)))
    found |= {**play.watch.results(), "zoom": canvas.zoom}
    yield


def _key(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    target = QApplication.focusWidget() or QApplication.activeModalWidget()
    aim = target if target is not None else play.window.canvas
    if step.get("text") is not None:
        yield from _called(play, lambda: QTest.keyClicks(aim, step.get("text")), found)
        return
    sequence = QKeySequence.fromString(step.get("keys"), QKeySequence.SequenceFormat.PortableText)
    if not sequence.toString():
        raise Failed(t("play.bad_keys", keys=step.get("keys")))
    yield from _called(play, lambda: _type(aim, sequence, step.get("part", "both")), found)


def _type(target: QWidget, sequence: QKeySequence, part: str) -> None:
    for place in range(sequence.count()):
        key = sequence[place]  # type: ignore[index]  # missing in Qt's own type hints
        if part != "release":
            QTest.keyPress(target, key.key(), key.keyboardModifiers())
        if part != "press":
            QTest.keyRelease(target, key.key(), key.keyboardModifiers())


def _action(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    yield from _trigger(play, step.get("id"), step.get("on"), found)


def _trigger(play: Play, name: str, on: bool | None, found: dict[str, Any]) -> Iterator[None]:
    action = play.window.actions_by_id[name]
    _check_no_dialog()
    if not action.isEnabled():
        raise Failed(t("play.greyed", name=ACTIONS[name].name))
    if on is None or not action.isCheckable() or action.isChecked() != on:
        yield from _called(play, action.trigger, found)


def _set(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    play.settings.set(step.get("id"), step.get("value"))
    found["value"] = play.settings.get(step.get("id"))
    yield


def _wait(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    seconds = step.get("seconds", _PATIENCE)
    if step.get("for") == "engine":
        yield from _wait_until(lambda: play.window.controller.engines is not None, seconds)
    else:
        yield from _wait_until(lambda: play.idle, seconds)
        yield
    if play.told:
        found["told"] = play.reason()


def _history(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    position = int(step.get("position"))
    if position > len(play.document.history.entries):
        raise Failed(t("play.no_position", position=position))
    yield from _called(play, lambda: play.window.controller.go(position), found)


def _variation(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    session, number = play.window.controller.current, int(step.get("number"))
    variations = None if session is None else session.variations
    if variations is None or number > len(variations.takes):
        raise Failed(t("play.no_variation", number=number))
    yield from _called(play, lambda: play.window.controller.choose(number - 1), found)


def _mask(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    revision = play.document.revision
    play.told.clear()
    play.window.controller.masking.load(play.folder / step.get("path"))
    yield from _wait_until(lambda: play.idle)
    if play.document.revision == revision and play.told:
        raise Failed(play.reason())


def _stamp(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    import numpy as np

    from inpaint_core.contract.geometry import Rect

    document = play.document
    rect = Rect(*(int(number) for number in step.get("rect")))
    rect = rect.intersect(Rect.whole(document.shape))
    kind = document.photo.pixels.dtype
    grain = np.random.default_rng(step.line)
    pixels = grain.integers(0, np.iinfo(kind).max, (rect.h, rect.w, 3), kind, endpoint=True)
    play.watch.results()
    play.watch.measure(lambda: document.apply_fill(rect, pixels))
    found |= {**play.watch.results(), "pixels": rect.area}
    yield


def _grab(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    yield  # what is still to be painted is painted first
    of = step.get("of", "window")
    widget: Any = play.window.canvas if of == "canvas" else play.window
    if of == "dialog":
        widget = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
        widget = widget or next((w for w in shown if w.isVisible()), None)
        if widget is None:
            raise Failed(t("play.no_dialog"))
    path = play.folder / step.get("path")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = widget.grab()
    if not picture.save(str(path)):
        raise Failed(t("play.not_saved", name=path.name))
    found |= {"width": picture.width(), "height": picture.height()}


def _export(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    from app.ui.dialogs.export_dialog import Order

    play.document  # noqa: B018
    path = (play.folder / step.get("path")).absolute()
    overwrite = step.get("overwrite", False)
    before = path.stat().st_mtime_ns if path.exists() else None
    play.told.clear()
    if step.get("what") == "mask":
        play.window.controller.masking.save(path)
    else:
        plan = ExportPlan(
            format=step.get("format", "same"),
            quality=step.get("quality"),
            depth=step.get("depth", 0),
            profile=step.get("profile", "keep"),
            metadata=step.get("metadata", "all"),
        )
        session = play.window.controller.current
        assert session is not None
        play.window.deeds.write(session, Order(path, plan, overwrite=overwrite))
    yield from _wait_until(lambda: play.idle)
    if not path.exists() or path.stat().st_mtime_ns == before:
        raise Failed(f"{t('play.not_saved', name=path.name)} {play.reason()}".strip())
    found["bytes"] = path.stat().st_size


def _memory(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    found["resident_mb"] = resident()
    yield


def _quit(play: Play, step: Step, found: dict[str, Any]) -> Iterator[None]:
    yield


def _check_no_dialog() -> None:
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        raise Failed(t("play.dialog", title=dialog.windowTitle()))


def resident() -> float | None:
    """Resident memory of this process in MB (10^6 bytes); None where the system does not say."""
    try:
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) * 1024 / 1e6, 1)
    except OSError:
        pass
    return None


#: How each step of `app.automation.script.STEPS` is done.
STEPS: Mapping[str, Do] = MappingProxyType(
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
