"""How each step of a script is carried out on the window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from app.automation import file_steps, pointer_steps
from app.automation.play_context import (
    TIMEOUT,
    PlayContext,
    StepAction,
    StepFailed,
    call_in_loop,
    check_no_dialog,
    wait_until,
)
from app.automation.resident_memory import resident_megabytes
from app.automation.script import Step
from app.configuration.actions import ACTIONS
from app.configuration.text import t


def _resize(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.window.resize(step.get("width"), step.get("height"))
    yield
    report |= {"width": context.window.size().width(), "height": context.window.size().height()}


def _tool(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    for field in ("size", "hardness"):
        if step.get(field) is not None:
            context.settings.set(f"brush.{field}", step.get(field))
    yield from _trigger(context, f"tool.{step.get('id')}", None, report)


def _action(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    yield from _trigger(context, step.get("id"), step.get("on"), report)


def _trigger(
    context: PlayContext, name: str, on: bool | None, report: dict[str, Any]
) -> Iterator[None]:
    action = context.window.actions_by_id[name]
    check_no_dialog()
    if not action.isEnabled():
        raise StepFailed(t("play.greyed", name=ACTIONS[name].name))
    if on is None or not action.isCheckable() or action.isChecked() != on:
        yield from call_in_loop(context, action.trigger, report)


def _set(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    context.settings.set(step.get("id"), step.get("value"))
    report["value"] = context.settings.get(step.get("id"))
    yield


def _wait(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    seconds = step.get("seconds", TIMEOUT)
    if step.get("for") == "preview":
        fill = context.fill_timings.latest
        if fill is None or fill.ended is not None:
            raise StepFailed(t("play.no_fill"))
        yield from wait_until(lambda: fill.is_shown, seconds)
    else:
        yield from wait_until(partial(context.is_reached, step.get("for", "idle")), seconds)
        yield  # what ended is shown
    if context.fill_timings.latest is not None:
        report |= context.fill_timings.latest.describe()
    if context.told:
        report["told"] = context.reason()


def _history(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    position = int(step.get("position"))
    if position > len(context.document.history.entries):
        raise StepFailed(t("play.no_position", position=position))
    yield from call_in_loop(context, lambda: context.window.controller.go_to(position), report)


def _variation(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    controller, number = context.window.controller, int(step.get("number"))
    session = controller.current
    variations = None if session is None else session.variations
    if variations is None or number > len(variations.fills):
        raise StepFailed(t("play.no_variation", number=number))
    yield from call_in_loop(context, lambda: controller.choose_variation(number - 1), report)


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


def _memory(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    report["resident_mb"] = resident_megabytes()
    yield


def _quit(context: PlayContext, step: Step, report: dict[str, Any]) -> Iterator[None]:
    yield


#: The action of each step of `app.automation.script.STEPS`.
STEPS: Mapping[str, StepAction] = MappingProxyType(
    {
        "open": file_steps.open_photo,
        "resize": _resize,
        "tool": _tool,
        "stroke": pointer_steps.draw_stroke,
        "hover": pointer_steps.hover_at,
        "wheel": pointer_steps.turn_wheel,
        "zoom": pointer_steps.set_zoom,
        "key": pointer_steps.type_keys,
        "action": _action,
        "set": _set,
        "wait": _wait,
        "history": _history,
        "variation": _variation,
        "mask": file_steps.load_mask,
        "stamp": _stamp,
        "grab": file_steps.grab_picture,
        "export": file_steps.export_photo,
        "memory": _memory,
        "quit": _quit,
    }
)
