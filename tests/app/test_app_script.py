from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from app.automation import steps
from app.automation.editor_benchmark import painting_script, startup_script
from app.automation.script import STEPS, ScriptError, format_step, parse_steps, read_script
from app.configuration.actions import ACTIONS
from app.configuration.settings import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"


def test_a_step_keeps_its_line_and_its_values() -> None:
    lines = ["# a comment", "", '{"do": "zoom", "to": 2, "at": [3, 4.5]}', '{"do": "quit"}']
    zoom, quit_ = parse_steps(lines)
    assert (zoom.line, zoom.do, zoom.get("to"), zoom.get("at")) == (3, "zoom", 2, [3, 4.5])
    assert (quit_.line, quit_.get("at", "none")) == (4, "none")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "“do”"),
        ('{"do": 3}', "“do”"),
        ('{"do": "fly"}', "no step “fly”"),
        ('{"do": "open"}', "needs “path”"),
        ('{"do": "open", "path": 3}', "“path” of “open” takes: text"),
        ('{"do": "open", "path": "a", "to": 1}', "no field “to”"),
        ('{"do": "quit", "now": true}', "it has none"),
        ('{"do": "tool", "id": "chisel"}', "brush, eraser"),
        ('{"do": "tool", "id": "brush", "size": 0}', "“size”"),
        ('{"do": "tool", "id": "brush", "size": true}', "“size”"),
        ('{"do": "stroke", "points": []}', "“points”"),
        ('{"do": "stroke", "points": [[1]]}', "“points”"),
        ('{"do": "stroke", "points": [[1, 2, 1.5]]}', "pressure"),
        ('{"do": "stroke", "points": [[1, NaN]]}', "“points”"),
        ('{"do": "stroke", "points": [[1, 2]], "modifiers": ["meta"]}', "shift, ctrl, alt"),
        ('{"do": "action", "id": "fill.everything"}', "fill.run"),
        ('{"do": "set", "id": "brush.size", "value": "wide"}', "brush.size"),
        ('{"do": "set", "id": "look.theme", "value": "pink"}', "look.theme"),
        ('{"do": "key"}', "either"),
        ('{"do": "key", "keys": "A", "text": "a"}', "either"),
        ('{"do": "zoom", "to": "wide"}', "“fit”"),
        ('{"do": "resize", "width": 640.5, "height": 480}', "whole number"),
        ('{"do": "export", "path": "a", "depth": 12}', "8, 16"),
        ('{"do": "grab", "path": "a", "overwrite": 1}', "true or false"),
        ("[" * 100_000, "nested too deeply"),
        ('{"do": ' * 50_000, "nested too deeply"),
        (f'{{"do": "history", "position": {10**400}}}', "“position”"),
        (f'{{"do": "history", "position": {"9" * 5000}}}', "not JSON"),
        ('{"do": "history", "position": 1e999}', "“position”"),
        (f'{{"do": "stroke", "points": [[1, {10**400}]]}}', "“points”"),
        ('{"do": "stroke", "points": [[1, 1e300]]}', "“points”"),
        (f'{{"do": "zoom", "to": {10**400}}}', "“fit”"),
        (f'{{"do": "stamp", "rect": [0, 0, 1, {10**400}]}}', "“rect”"),
        (f'{{"do": "wait", "seconds": -{10**400}}}', "“seconds”"),
        (f'{{"do": "export", "path": "a", "depth": {10**400}}}', "8, 16"),
        (f'{{"do": "set", "id": "brush.size", "value": {10**400}}}', "brush.size"),
        ('{"do": "open", "path": "a\\u0000b"}', "“path”"),
        ('{"do": "open", "path": "\\ud800"}', "“path”"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(line: str, said: str) -> None:
    with pytest.raises(ScriptError) as error:
        parse_steps(['{"do": "quit"}', "", line])
    assert str(error.value.message).startswith("Line 3: ")
    assert said in str(error.value.message)
    assert "docs/play.md" in str(error.value.hint)


def test_a_script_that_cannot_be_read_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="missing"):
        read_script(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9\xff")
    with pytest.raises(ScriptError, match="latin"):
        read_script(tmp_path / "latin.jsonl")
    with pytest.raises(ScriptError, match="cannot be read"):
        read_script(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX pipes")
def test_a_script_that_would_never_end_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    for path in (tmp_path / "pipe.jsonl", Path("/dev/zero")):
        with pytest.raises(ScriptError, match="not an ordinary file"):
            read_script(path)


def test_what_is_written_can_be_read() -> None:
    (step,) = parse_steps([format_step("stroke", points=[[0.1, 1 / 3, 0.7]], device="pen")])
    assert step.get("points") == [[0.1, 1 / 3, 0.7]]  # to the last bit
    with pytest.raises(ScriptError):
        format_step("stroke", points=[])


def test_every_step_can_be_played() -> None:
    assert set(STEPS) == set(steps.STEPS)


def test_every_step_and_field_is_described_with_an_example() -> None:
    text = (DOCS / "play.md").read_text("utf-8")
    examples = re.findall(r'^    (\{"do".*\})$', text, re.MULTILINE)
    assert {step.do for step in parse_steps(examples)} == set(STEPS)
    for name, fields in STEPS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", text, re.MULTILINE)
        for field in fields:
            assert f"`{field}`" in row, f"{name}: {field}"


def test_the_scripts_that_come_with_lacuna_are_sound() -> None:
    scripts = Path(__file__).parents[2] / "packaging" / "manual" / "scripts"
    found = sorted(scripts.glob("*.jsonl"))
    assert found
    for path in found:
        assert read_script(path)
    for script in (startup_script(), painting_script("a.jpg", (900, 600), full=True)):
        assert parse_steps([json.dumps(step) for step in script])


def test_all_actions_and_settings_can_be_named() -> None:
    assert STEPS["action"]["id"].choices == tuple(ACTIONS)
    assert STEPS["set"]["id"].choices == tuple(SETTINGS)
