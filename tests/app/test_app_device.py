"""The device that networks run on: chosen, warmed up, freed, and named in the status line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from looking import fill, idle, opened
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.session.session import Session
from app.ui.shell.editor import Editor
from app.ui.widgets.setting_fields import make_choice_field
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.generators import registry

CARDS = ("Fake 9000", "Fake 9001")


class FakeNet(torch.nn.Module):
    """A network on a device that this machine may lack."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device, self.passes = device, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        return x


@pytest.fixture
def nets(monkeypatch: pytest.MonkeyPatch) -> list[FakeNet]:
    """The networks that the engine “net” has built, the newest last."""
    built: list[FakeNet] = []

    def build(device: str, precision: str) -> FakeNet:
        built.append(FakeNet(device))
        return built[-1]

    def run(net: FakeNet, view: View, progress: Progress) -> Fill:
        return Fill(net(torch.from_numpy(view.image)).numpy())

    spec = GeneratorSpec(
        id="net", title="Net", summary="", build=build, run=run, uses_torch=True,
        size=SizeRule(256, 8),
    )  # fmt: skip
    found = {**registry.generators(), "net": spec}
    monkeypatch.setattr(registry, "generators", lambda: found)
    return built


@pytest.fixture
def freed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two graphics cards that do not exist; the list tells what was given back to them."""
    given: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(CARDS))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda name: CARDS[int(name[5:] or 0)])
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: given.append("cuda"))
    return given


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path, nets: list[FakeNet]) -> Session:
    editor.settings.set("fill.engine", "net")
    editor.settings.set("fill.device", "cpu")
    session = opened(editor, qtbot, gravel)
    idle(editor, qtbot)
    return session


def test_another_device_is_warmed_up_and_the_status_line_tells_the_truth(
    editor: Editor, session: Session, nets: list[FakeNet], freed: list[str], qtbot: QtBot
) -> None:
    status = editor.window.status
    qtbot.waitUntil(lambda: status.device == "CPU")
    qtbot.waitUntil(lambda: [(n.device, n.passes) for n in nets] == [("cpu", 1)])
    fill(editor, session, qtbot)
    assert (status.device, nets[0].passes) == ("CPU", 2)

    editor.settings.set("fill.device", "cuda")
    qtbot.waitUntil(lambda: [(n.device, n.passes) for n in nets[1:]] == [("cuda", 1)])
    qtbot.waitUntil(lambda: status.device == "GPU: Fake 9000")
    fill(editor, session, qtbot)
    assert (status.device, nets[1].passes, len(nets)) == ("GPU: Fake 9000", 2, 2)

    editor.settings.set("fill.device", "cpu")
    qtbot.waitUntil(lambda: freed == ["cuda"])
    qtbot.waitUntil(lambda: [(n.device, n.passes) for n in nets[2:]] == [("cpu", 1)])
    fill(editor, session, qtbot)
    assert status.device == "CPU"


def test_every_graphics_card_can_be_chosen_by_name(
    editor: Editor, session: Session, nets: list[FakeNet], freed: list[str], qtbot: QtBot
) -> None:
    """Also one that was chosen before it was known, and one that is there no more."""
    editor.settings.set("fill.device", "cuda:7")
    box = make_choice_field("fill.device", editor.settings, "settings.")
    qtbot.addWidget(box)
    assert (box.currentData(), box.currentText()) == ("cuda:7", "cuda:7")
    editor.settings.set("fill.device", "cuda:1")
    assert box.currentText() == "cuda:1"
    editor.controller.engines.network_device.offer_graphics_cards()
    qtbot.waitUntil(lambda: box.currentText() == "cuda:1 – Fake 9001")
    titles = [box.itemText(n) for n in range(box.count()) if ":" in str(box.itemData(n))]
    assert sorted(titles) == ["cuda:0 – Fake 9000", "cuda:1 – Fake 9001", "cuda:7"]
    qtbot.waitUntil(lambda: bool(nets) and (nets[-1].device, nets[-1].passes) == ("cuda:1", 1))
    qtbot.waitUntil(lambda: editor.window.status.device == "GPU: Fake 9001")

    box.setCurrentIndex(box.findData("cuda:0"))
    assert editor.settings.get("fill.device") == "cuda:0"
    qtbot.waitUntil(lambda: (nets[-1].device, nets[-1].passes) == ("cuda:0", 1))
    qtbot.waitUntil(lambda: editor.window.status.device == "GPU: Fake 9000")
    fill(editor, session, qtbot)
    assert (nets[-1].device, nets[-1].passes) == ("cuda:0", 2)
    with pytest.raises(ValueError, match=r"fill\.device"):
        editor.settings.set("fill.device", "cuda:x")


def test_a_device_that_is_not_there_is_said(
    editor: Editor, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    qtbot.waitUntil(lambda: editor.window.status.device == "CPU")
    editor.settings.set("fill.device", "cuda")
    said = t("engine.device_unavailable", device="cuda")
    qtbot.waitUntil(lambda: said in editor.window.notice.text)
    assert editor.window.status.device == "CPU"
