from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import weights
from inpaint_core.cli import entry, main
from inpaint_core.cli.commands import engines
from inpaint_core.contract.specs import FirstLook, GeneratorSpec, SizeRule, TapPoint
from inpaint_core.generators.registry import generators, list_configurations
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.spec import SPEC


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
    configurations = [spec.id for spec in list_configurations()]
    assert {"tsgl:paper", "tsgl:lama", "pconv:pconv-512"} <= set(configurations)
    assert [row["id"] for row in rows] == [*generators(), *configurations]
    harmonic = next(row for row in rows if row["id"] == "harmonic")
    assert harmonic["devices"] == ["cpu"]
    assert harmonic["weights"] is None
    assert harmonic["network"] is None
    assert "Poisson" in harmonic["paper"]


def never(*_: object) -> None:
    pytest.fail("nothing is built to describe an engine")


def net(weights_id: str) -> GeneratorSpec:
    return GeneratorSpec(
        id="net",
        title="A net",
        summary="It fills.",
        build=never,
        run=never,
        size=SizeRule(512),
        uses_torch=True,
        priors=("canny",),
        taps=(TapPoint("s1", "Structure 1", 2, 32),),
        weights=weights_id,
    )


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsEntry:
    """The only entry of a manifest, with its file."""
    (tmp_path / "small.safetensors").write_bytes(b"weights")
    made = WeightsEntry(
        id="small",
        file="small.safetensors",
        sha256=hashlib.sha256(b"weights").hexdigest(),
        network="base",
        configuration={"width": 8},
        parameters=1234,
        macs=5678,
        licence="Apache-2.0",
        training_data="slopes",
        images=96,
        validation={"ssim": 0.5},
        measured="8 photos",
        paper="A paper",
        card="small.md",
        folder=tmp_path,
    )
    text = json.dumps({"weights": [made.plain()]})
    (tmp_path / "manifest.json").write_text(text, "utf-8")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    return made


def test_a_network_is_described_by_its_manifest(held: WeightsEntry) -> None:
    said = engines.describe(net("small"))
    assert said["devices"] == ["cpu", "cuda", "mps"]
    assert said["max_side"] == 512
    assert said["priors"] == ["canny"]
    assert said["first_look"] is None
    look = replace(net("small"), first_look=FirstLook("tsgl:lean", 256, 0.3))
    assert engines.describe(look)["first_look"] == {"engine": "tsgl:lean", "side": 256, "over": 0.3}
    (tap,) = said["taps"]
    assert (tap["name"], tap["stride"], tap["channels"]) == ("s1", 2, 32)
    assert said["network"] == {
        "id": "base",
        "configuration": {"width": 8},
        "parameters": 1234,
        "macs_at_512": 5678,
    }
    about = said["weights"]
    assert (about["present"], about["intact"], about["images_seen"]) == (True, True, 96)
    assert about["sha256"] == held.sha256
    held.path.write_bytes(b"something else")
    assert engines.describe(net("small"))["weights"]["intact"] is False
    held.path.unlink()
    about = engines.describe(net("small"))["weights"]
    assert (about["present"], about["intact"]) == (False, False)


def test_a_network_without_weights_is_counted(held: WeightsEntry) -> None:
    said = engines.describe(net("base"))
    assert said["weights"] == {"id": "base", "present": False, "intact": False}
    assert said["network"]["configuration"]["tau"] == 100.0
    assert said["network"]["parameters"] == SPEC.measure_cost(BASE, 512).parameters < 12_000_000
    assert said["network"]["macs_at_512"] == SPEC.measure_cost(BASE, 512).macs < 60_000_000_000
    assert engines.describe(net("none"))["network"] is None


def test_the_table_says_what_weights_are_there(
    held: WeightsEntry, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def listed(weights_id: str) -> str:
        monkeypatch.setattr(engines, "generators", lambda: {"net": net(weights_id)})
        assert main(["engines"]) == 0
        return capfd.readouterr().out

    assert "weights “small” present (0.0 MB, trained on 96 samples)" in listed("small")
    assert "weights “other” missing" in listed("other")
    held.path.unlink()
    assert "weights “small” missing" in listed("small")
    (held.folder / "manifest.json").write_bytes(b"{")
    assert "weights “small” missing" in listed("small")


def test_the_table_needs_no_torch() -> None:
    program = (
        "import sys; from inpaint_core.cli import main; main(['engines']);"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_every_command_of_the_table_has_a_module() -> None:
    for name in entry.COMMANDS:
        module = importlib.import_module(f"inpaint_core.cli.commands.{name}")
        assert isinstance(module.HELP, str)
        assert callable(module.add_arguments)
        assert callable(module.run)
        assert main([name, "--help"]) == 0


def test_a_command_that_cannot_be_imported_does_not_break_the_others(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "inpaint_core.cli.commands.benchmark", None)
    assert main(["engines"]) == 0
    assert main(["--help"]) == 0
    assert capfd.readouterr().err == ""
    assert main(["benchmark"]) == 70
