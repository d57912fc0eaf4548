"""Networks are found by scanning, and their configurations by id."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

import weights
from inpaint_core.contract.errors import BadRequest, WeightsUnavailable
from inpaint_core.contract.typed_values import override, parse_value
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generators, list_configurations
from inpaint_core.networks import registry
from inpaint_core.networks.dmfn.config import LEAN, DmfnConfig
from inpaint_core.networks.inputs import Batch, NetworkInputs, join_batches
from inpaint_core.networks.registry import configurations, find_network, find_network_of, networks
from inpaint_core.networks.store.manifest import read_manifest
from inpaint_core.networks.tsgl.config import BASE, Branch


def test_every_network_is_found_and_torch_is_not_needed() -> None:
    assert {"tsgl", "pconv", "dmfn", "lama", "zits"} <= set(networks())
    assert all(config.id == name for spec in networks().values()
               for name, config in spec.configs.items())  # fmt: skip
    assert configurations()["base"].id == "tsgl"
    program = (
        "import sys; from inpaint_core.networks.registry import networks; networks();"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("spec", networks().values(), ids=list(networks()))
def test_every_engine_has_a_network_to_train(spec: registry.NetworkSpec) -> None:
    engines = [g for g in generators().values() if g.weights in spec.configs]
    assert engines
    for engine in engines:
        assert engine.size.multiple % spec.multiple(spec.configs[str(engine.weights)]) == 0


def test_values_are_changed_by_name() -> None:
    spec, config = find_network("dmfn", {"form": "no_k", "blocks": 3})
    assert (spec.id, config) == ("dmfn", replace(LEAN, form="no_k", blocks=3))
    assert find_network("base", {"balance": {"width": 8}})[1].balance.width == 8
    assert find_network("base", {"balance": "none"})[1].balance is None
    branches = [{"guide": "texture", "side": "local"}]
    assert find_network("base", {"branches": branches})[1].branches == (Branch("texture", "local"),)
    with pytest.raises(KeyError):
        find_network("none")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": 1}, "“colour” is not a setting"),
        ({"form": "round"}, "“form” cannot be 'round'"),
        ({"blocks": 2.5}, "“blocks” cannot be 2.5"),
        ({"blocks": True}, "“blocks” cannot be True"),
    ],
)
def test_a_wrong_value_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        override(DmfnConfig(), changes)


@pytest.mark.parametrize(
    "value", [{"guide": "texture"}, {"guide": "x", "side": "local"}, 3, {"a": 1}]
)
def test_a_wrong_part_of_a_list_is_said(value: object) -> None:
    with pytest.raises(BadRequest, match="cannot be"):
        parse_value("branches", [value], tuple[Branch, ...])


def test_what_ships_says_its_whole_configuration() -> None:
    """It is read back as it is, even where the program's own has changed since."""
    for entry in read_manifest().values():
        spec, config = find_network_of(entry)
        assert config == spec.configs[entry.network]
        other = replace(entry, configuration={**entry.configuration, "id": "renamed"})
        assert find_network_of(other)[1].id == "renamed"
        with pytest.raises(WeightsUnavailable, match="does not know"):
            find_network_of(replace(entry, network="later"))
        with pytest.raises(WeightsUnavailable, match="does not know"):
            find_network_of(replace(entry, configuration={"later": 1}))
    assert override(BASE, asdict(BASE)) == BASE


def test_an_engine_without_weights_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from inpaint_core.cli import main

    (tmp_path / "manifest.json").write_text('{"weights": []}', "utf-8")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    needy = [spec for spec in generators().values() if spec.weights] + [*list_configurations()]
    for spec in needy:
        with pytest.raises(WeightsUnavailable, match=f"no weights called “{spec.weights}”"):
            Engine().load(spec.id)
    assert main(["engines"]) == 0
    assert capfd.readouterr().out.count("no weights yet") == len(needy)


def test_batches_are_joined_and_moved() -> None:
    def one(value: float) -> Batch:
        known = torch.ones(1, 1, 2, 2)
        return Batch(NetworkInputs(torch.full((1, 3, 2, 2), value), known),
                     torch.zeros(1, 3, 2, 2), {"edges": torch.ones(1, 1, 2, 2)})  # fmt: skip

    both = join_batches([one(0.25), one(0.5)])
    assert both.inputs.image[:, 0, 0, 0].tolist() == [0.25, 0.5]
    assert both.truth.shape == (2, 3, 2, 2)
    assert both.targets["edges"].shape == (2, 1, 2, 2)
    half = both.inputs.to("cpu", torch.float16)
    assert (half.image.dtype, half.known.dtype) == (torch.float16, torch.float32)
