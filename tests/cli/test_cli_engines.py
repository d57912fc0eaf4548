from __future__ import annotations

import importlib
import json
import sys

import pytest

from inpaint_core.cli import engines, entry, main
from inpaint_core.registry import GeneratorSpec, SizeRule, generators


def test_the_table_names_every_engine(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["engines"]) == 0
    out = capfd.readouterr().out
    for spec in generators().values():
        assert spec.title in out
        assert spec.summary in out
    assert "needs no weights" in out


def test_the_json_is_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["engines", "--json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert [row["id"] for row in rows] == list(generators())
    harmonic = next(row for row in rows if row["id"] == "harmonic")
    assert harmonic["devices"] == ["cpu"]
    assert harmonic["weights"] is None
    assert harmonic["weights_present"] is None
    assert "Poisson" in harmonic["paper"]


def test_weights_are_looked_for() -> None:
    def never(*_: object) -> None:
        pytest.fail("nothing is built to describe an engine")

    about = {"id": "net", "title": "A net", "summary": "It fills.", "build": never, "run": never}
    missing = GeneratorSpec(
        **about, weights="none.safetensors", uses_torch=True, size=SizeRule(512)
    )
    said = engines.describe(missing)
    assert said["weights_present"] is False
    assert said["devices"] == ["cpu", "cuda", "mps"]
    assert said["max_side"] == 512
    assert engines.describe(GeneratorSpec(**about, weights="manifest.json"))["weights_present"]


def test_every_command_of_the_table_has_a_module() -> None:
    for name in entry.COMMANDS:
        module = importlib.import_module(f"inpaint_core.cli.{name}")
        assert isinstance(module.HELP, str)
        assert callable(module.add_arguments)
        assert callable(module.run)
        assert main([name, "--help"]) == 0


def test_a_command_that_cannot_be_imported_does_not_break_the_others(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "inpaint_core.cli.benchmark", None)
    assert main(["engines"]) == 0
    assert main(["--help"]) == 0
    assert capfd.readouterr().err == ""
    assert main(["benchmark"]) == 70
