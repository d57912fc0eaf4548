"""Scripts played by the program itself, in a process of its own, and in one window by a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playing import pixels, play, stroke
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from skimage import data

from app.automation.recorder import Recorder
from app.automation.script import read_script
from app.configuration.settings import Settings
from app.ui.shell.editor import Editor
from inpaint_core.project.photo_location import describe_original, sha256
from inpaint_core.project.write_project import write_project

_HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")


def lacuna(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env={**os.environ, **dict.fromkeys(_HOMES, str(folder / "home"))},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_script_is_played_and_every_step_reported(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "script.jsonl").write_text(
        "# a stroke\n"
        '{"do": "resize", "width": 900, "height": 700}\n'
        f'{{"do": "open", "path": "{photo.name}"}}\n'
        '{"do": "tool", "id": "brush", "size": 9, "hardness": 100}\n'
        '{"do": "stroke", "points": [[20, 20], [40, 30], [60, 20]]}\n'
        '{"do": "grab", "path": "out/window.png"}\n'
        '{"do": "export", "path": "mask.png", "what": "mask"}\n'
        '{"do": "quit"}\n'
        '{"do": "open", "path": "never.png"}\n'
    )
    done = lacuna(tmp_path, "--play", str(tmp_path / "script.jsonl"))
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    names = ["start", "resize", "open", "tool", "stroke", "grab", "export", "quit"]
    assert [report["do"] for report in reports] == names
    assert [report["step"] for report in reports] == list(range(8))
    assert [report["line"] for report in reports] == [0, 2, 3, 4, 5, 6, 7, 8]
    painted = reports[4]
    assert painted["events"] == 4
    assert painted["painted"] >= 3
    assert 0 < painted["paint_ms_p50"] <= painted["paint_ms_p95"] <= painted["ms"]
    picture = pixels(tmp_path / "out/window.png")[..., :3]
    assert picture.shape == (700, 900, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100  # the ramp is on it
    mask = pixels(tmp_path / "mask.png")
    assert mask.shape == (60, 90)
    assert mask[25, 30] == 255
    assert mask[50, 30] == 0


def test_a_script_that_makes_no_sense_ends_before_a_window_is_there(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"do": "quit"}\n{"do": "fly"}\n')
    done = lacuna(tmp_path, "--play", str(tmp_path / "bad.jsonl"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Line 2" in done.stderr
    assert "fly" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_step_that_fails_ends_the_play(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"do": "open", "path": "none.jpg"}\n{"do": "quit"}\n')
    done = lacuna(tmp_path, "--play", str(tmp_path / "bad.jsonl"))
    assert done.returncode == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["do"] == "open"
    assert "none.jpg" in last["error"]
    assert "Line 1" in done.stderr


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (stroke((1, 1)), "No photo"),
        ({"do": "action", "id": "edit.undo"}, "“Undo” is not available"),
        ({"do": "history", "position": 3}, "No photo"),
        ({"do": "variation", "number": 1}, "no variation 1"),
        ({"do": "grab", "path": "a.png", "of": "dialog"}, "No dialog"),
        ({"do": "grab", "path": "a.unknown"}, "could not be written"),
        ({"do": "key", "keys": "Nonsense+"}, "is not a key"),
        ({"do": "wait", "for": "engine", "seconds": 0}, "Still busy"),
    ],
)
def test_what_cannot_be_done_fails(
    editor: Editor, tmp_path: Path, step: dict[str, Any], said: str
) -> None:
    assert said in play(editor, tmp_path, step)[-1]["error"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
@pytest.mark.parametrize("name", ["pipe.lacuna", "pipe.png"])
def test_what_is_no_file_is_not_opened_and_the_reason_told(
    editor: Editor, tmp_path: Path, name: str
) -> None:
    os.mkfifo(tmp_path / name)
    assert "ordinary file" in play(editor, tmp_path, {"do": "open", "path": name})[-1]["error"]


def test_a_project_is_opened(editor: Editor, tmp_path: Path, photo: Path) -> None:
    made = tmp_path / "made.lacuna"
    size, digest = photo.stat().st_size, sha256(photo)
    original = describe_original(photo, made, pixels(photo).shape[:2], 8, size, digest)
    write_project(made, original, (), 0)
    reports = play(editor, tmp_path, {"do": "open", "path": made.name})
    assert "error" not in reports[-1]
    assert editor.controller.current is not None
    assert editor.controller.current.project_path == made


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's full device")
@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_finds_no_room_is_told(option: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", option],
            cwd=Path(__file__).parents[2],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.qt_log_ignore("raise", "propagateSizeHints", extend=True)
def test_dialogs_can_be_looked_at_and_typed_into(
    editor: Editor, tmp_path: Path, photo: Path
) -> None:
    reports = play(
        editor,
        tmp_path,
        {"do": "open", "path": photo.name},
        {"do": "action", "id": "file.export"},
        {"do": "grab", "path": "dialog.png", "of": "dialog"},
        {"do": "key", "keys": "Esc"},
        {"do": "action", "id": "edit.preferences"},
        {"do": "grab", "path": "settings.png", "of": "dialog"},
        {"do": "key", "keys": "Esc"},
        {"do": "tool", "id": "eraser"},
    )
    assert "error" not in reports[-1]
    assert reports[2]["dialog"]
    assert pixels(tmp_path / "dialog.png").shape != pixels(tmp_path / "settings.png").shape
    assert QApplication.activeModalWidget() is None


def test_looking_around(editor: Editor, tmp_path: Path, photo: Path) -> None:
    reports = play(
        editor,
        tmp_path,
        {"do": "open", "path": photo.name},
        {"do": "zoom", "to": 4, "at": [45, 30]},
        {"do": "wheel", "at": [45, 30], "steps": 2},
        {"do": "hover", "at": [12.5, 7.5]},
        {"do": "zoom", "to": "fit"},
        {"do": "set", "id": "brush.size", "value": 33},
        {"do": "key", "keys": "E"},
        {"do": "key", "keys": "\\", "part": "press"},
    )
    assert reports[2]["zoom"] == 4
    assert reports[3]["zoom"] > 4
    assert editor.window.canvas.view_position().fitted
    assert editor.settings.get("brush.size") == 33
    assert editor.window.workspace.tool == "eraser"
    assert editor.window.canvas.compare_mode == "original"
    play(editor, tmp_path, {"do": "key", "keys": "\\", "part": "release"})
    assert editor.window.canvas.compare_mode == "off"


def test_a_mistake_in_a_slot_fails_the_step(editor: Editor, tmp_path: Path, photo: Path) -> None:
    def broken(_zoom: float) -> None:
        raise ZeroDivisionError("a slot of ours")

    play(editor, tmp_path, {"do": "open", "path": photo.name})
    editor.window.canvas.zoomed.connect(broken)
    hook = sys.excepthook
    sys.excepthook = lambda *_: None  # else pytest-qt takes it for its own
    try:
        report = play(editor, tmp_path, {"do": "zoom", "to": 2})[-1]
    finally:
        sys.excepthook = hook
    assert "a slot of ours" in report["error"]


def test_what_is_recorded_gives_the_same_mask(
    editor: Editor, qtbot: QtBot, tmp_path: Path, gravel: Path
) -> None:
    recorder = Recorder(editor.window, tmp_path / "recorded.jsonl")
    Image.fromarray(np.eye(160, 200, dtype=np.uint8) * 255).save(tmp_path / "line.png")
    reports = play(
        editor,
        tmp_path,
        {"do": "open", "path": gravel.name},
        {"do": "mask", "path": "line.png"},
        {"do": "tool", "id": "brush", "size": 23, "hardness": 40},
        stroke((20, 20), (47.3, 35.1), (80, 22)),
        {"do": "zoom", "to": 3.3, "at": [90, 70]},
        stroke((60, 60, 0.2), (90, 80, 0.9), (120, 61, 0.5), device="pen"),
        stroke((70, 60, 1), (90, 90, 0.4), eraser=True, device="pen"),
        stroke((40, 30), (44, 40), modifiers=["alt"]),
        stroke((60, 120), modifiers=["shift"]),
        {"do": "key", "keys": "]"},
        stroke((150, 20), (150, 20.5), release=[150, 40]),
        {"do": "action", "id": "edit.undo"},
        {"do": "action", "id": "edit.undo"},
        {"do": "action", "id": "edit.redo"},
        {"do": "tool", "id": "lasso"},
        stroke((100, 100), (140, 100), (140, 140), (100, 130)),
        {"do": "tool", "id": "polygon"},
        stroke((10, 100)),
        stroke((50, 110)),
        stroke((30, 150)),
        {"do": "key", "keys": "Return"},
        {"do": "action", "id": "mask.grow"},
        {"do": "history", "position": 4},
        {"do": "history", "position": 9},
        {"do": "export", "path": "first.png", "what": "mask"},
    )
    assert "error" not in reports[-1]
    recorder.close()
    steps = [step.do for step in read_script(tmp_path / "recorded.jsonl")]
    assert steps.count("stroke") == 10
    assert steps.count("history") == 2
    assert (tmp_path / "recorded-mask-1.png").exists()

    other = Editor(Settings(QSettings(str(tmp_path / "other.ini"), QSettings.Format.IniFormat)),
                   tmp_path / "other", tmp_path / "cache")  # fmt: skip
    qtbot.addWidget(other.window)
    other.window.show()
    lines = (tmp_path / "recorded.jsonl").read_text("utf-8").splitlines()
    # In a window of another size.
    again = [json.loads(line) for line in lines if '"resize"' not in line]
    try:
        reports = play(
            other,
            tmp_path,
            {"do": "resize", "width": 1000, "height": 600},
            *again,
            {"do": "export", "path": "second.png", "what": "mask"},
        )
        assert "error" not in reports[-1], reports[-1]
    finally:
        other.close()
    first, second = pixels(tmp_path / "first.png"), pixels(tmp_path / "second.png")
    assert first.any()
    assert ((first > 0) & (first < 255)).any()  # soft edges too
    np.testing.assert_array_equal(first, second)


def test_what_is_waited_for_is_recorded_and_switches_with_their_state(
    editor: Editor, tmp_path: Path, gravel: Path
) -> None:
    recorder = Recorder(editor.window, tmp_path / "recorded.jsonl")
    reports = play(
        editor,
        tmp_path,
        {"do": "open", "path": gravel.name},
        {"do": "tool", "id": "brush", "size": 12},
        stroke((60, 60), (80, 66)),
        {"do": "action", "id": "fill.run"},
        {"do": "wait"},
        {"do": "action", "id": "view.split", "on": True},
        stroke((40, 30), (50, 30), button="middle"),  # moves the view: no stroke
        {"do": "key", "keys": "Ctrl+Z"},
        {"do": "action", "id": "view.split", "on": False},
    )
    assert "error" not in reports[-1], reports[-1]
    recorder.close()
    steps = [step for step in read_script(tmp_path / "recorded.jsonl") if step.do != "set"]
    told = [step.get("id", step.do) for step in steps]
    start = told.index("fill.run")
    assert told[start:] == ["fill.run", "wait", "view.split", "edit.undo", "view.split"]
    assert [step.get("on") for step in steps if step.get("id") == "view.split"] == [True, False]
    assert told.count("stroke") == 1


def test_nothing_that_exists_is_replaced_unasked(
    editor: Editor, photo: Path, tmp_path: Path
) -> None:
    opened = {"do": "open", "path": photo.name}
    painted = stroke((10, 10), (30, 20))
    mask = {"do": "export", "what": "mask"}
    (tmp_path / "link.png").symlink_to(tmp_path / "elsewhere.png")
    (tmp_path / "new.edges.png").write_bytes(b"precious")
    before = photo.read_bytes()
    for step, name in (
        ({"do": "grab"}, "taken.png"),
        ({"do": "grab"}, "link.png"),
        ({"do": "grab"}, photo.name),
        (mask, "taken.png"),
        (mask, "new.png"),
        (mask, "link.png"),
        (mask, photo.name),
        ({"do": "export"}, "taken.png"),
    ):
        (tmp_path / "taken.png").write_bytes(b"precious")
        reports = play(editor, tmp_path, opened, painted, {**step, "path": name})
        assert name.rsplit(".", 1)[0] in reports[-1]["error"]
        assert (tmp_path / "taken.png").read_bytes() == b"precious"
        assert not (tmp_path / "elsewhere.png").exists()
        assert not (tmp_path / "new.png").exists()
    for step in ({"do": "grab"}, mask):
        (tmp_path / "taken.png").write_bytes(b"precious")
        assert (
            "error"
            not in play(editor, tmp_path, opened, {**step, "path": "taken.png", "overwrite": True})[
                -1
            ]
        )
        assert pixels(tmp_path / "taken.png").size
        reports = play(editor, tmp_path, {**step, "path": photo.name, "overwrite": True})
        assert "never" in reports[-1]["error"]
    assert photo.read_bytes() == before
    assert (tmp_path / "new.edges.png").read_bytes() == b"precious"


def test_a_script_waits_for_the_first_picture_of_a_fill_and_says_when_it_came(
    editor: Editor, tmp_path: Path
) -> None:
    Image.fromarray(data.gravel()[:300, :420]).convert("RGB").save(tmp_path / "wide.png")
    recorder = Recorder(editor.window, tmp_path / "recorded.jsonl")
    reports = play(
        editor,
        tmp_path,
        {"do": "open", "path": "wide.png"},
        {"do": "tool", "id": "brush", "size": 120},
        stroke((170, 150)),
        {"do": "grab", "path": "painted.png", "of": "canvas"},
        {"do": "action", "id": "fill.run"},
        {"do": "wait", "for": "preview"},
        {"do": "grab", "path": "preview.png", "of": "canvas"},
        {"do": "wait"},
        {"do": "grab", "path": "filled.png", "of": "canvas"},
        {"do": "wait", "for": "preview"},
    )
    recorder.close()
    first, last = (report for report in reports if "pictures" in report)
    assert 0 < first["first_picture_ms"] == last["first_picture_ms"] <= last["filled_ms"]
    assert 1 <= first["pictures"] <= last["pictures"]
    assert "filled" in reports[-1]["error"]  # nothing is being filled any more
    looks = [pixels(tmp_path / f"{name}.png") for name in ("painted", "preview", "filled")]
    assert all((one != other).any() for one in looks for other in looks if one is not other)
    lines = (tmp_path / "recorded.jsonl").read_text("utf-8").splitlines()
    (note,) = [line for line in lines if line.startswith("#")]
    assert f"{last['pictures']} pictures" in note
    assert f"{last['first_picture_ms'] / 1e3:.2f} s" in note
