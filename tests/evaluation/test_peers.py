from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.lab.evaluation.cases import Sample
from inpaint_core.lab.evaluation.peers.comparison import PeerRow, compare_peer, find_peers
from inpaint_core.lab.evaluation.peers.own_engine import own_engine
from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFailed, PeerFiles, PeerMissing
from inpaint_core.lab.evaluation.peers.peer_run import run_peer
from inpaint_core.lab.evaluation.peers.peer_table import format_mean_table, format_photo_table
from inpaint_core.lab.evaluation.peers.registry import peer, peers
from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape

TRUTH = render_landscape(0.02)
HOLE = draw_blob(TRUTH.shape[:2], 400)
COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"


def python(program: str, id: str = "mine") -> Peer:
    """A program that gets the photo, the place to write to, and the mask."""

    def command(files: PeerFiles) -> list[str]:
        return [sys.executable, "-c", program, *map(str, (files.photo, files.out, files.mask))]

    return Peer(id, "Mine", lambda: "1", command)


def absent() -> str:
    raise PeerMissing("lab.peer_not_installed", program="Gone")


GONE = Peer("gone", "Gone", absent, lambda files: [])


def test_a_run_gives_the_fill_and_what_it_took() -> None:
    run = run_peer(python(COPY), TRUTH, HOLE, 60, Progress())
    np.testing.assert_array_equal(run.fill[~HOLE], TRUTH[~HOLE])
    assert not run.fill[HOLE].any()  # nobody sees the truth
    assert run.seconds > 0
    if sys.platform != "win32":
        assert run.processor is not None
        assert 0 < run.processor < run.seconds * 64
        assert run.peak is not None
        assert 1_000_000 < run.peak < 1_000_000_000


def test_memory_and_processor_are_those_of_the_program() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows does not tell")
    larger = "x = bytearray(300_000_000); x[::4096] = x[::4096];" + COPY
    one, two = (run_peer(python(p), TRUTH, HOLE, 60, Progress()) for p in (COPY, larger))
    assert one.peak is not None
    assert two.peak is not None
    assert 250e6 < two.peak - one.peak < 350e6


@pytest.mark.parametrize(
    ("program", "key"),
    [
        ("raise ValueError('no')", "lab.peer_failed"),
        ("pass", "lab.peer_failed"),
        ("import sys; open(sys.argv[2], 'w').write('no picture')", "lab.peer_failed"),
        (
            "import sys; from PIL import Image; Image.new('RGB', (3, 3)).save(sys.argv[2])",
            "lab.peer_wrong_size",
        ),
    ],
)
def test_a_program_without_a_fill_is_said(program: str, key: str) -> None:
    with pytest.raises(PeerFailed) as caught:
        run_peer(python(program), TRUTH, HOLE, 60, Progress())
    assert caught.value.message.key == key


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    grandchild = f"import time; time.sleep(3); open({str(alive)!r}, 'w')"
    program = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(60)"  # noqa: E501
    with pytest.raises(PeerFailed) as caught:
        run_peer(python(program), TRUTH, HOLE, 0.5, Progress())
    assert caught.value.message.key == "lab.peer_too_slow"
    import time

    time.sleep(3.5)
    assert not alive.exists()


def test_cancelling_ends_a_program() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        run_peer(python("import time; time.sleep(60)"), TRUTH, HOLE, 60, progress)


def test_what_is_missing_is_said_and_the_others_go_on() -> None:
    found, missing = find_peers([python(COPY), GONE], 60, Progress())
    assert [each.peer.id for each in found] == ["mine"]
    assert found[0].start is not None
    assert missing["Gone"].message.key == "lab.peer_not_installed"


def test_own_fills_are_those_of_the_command(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("photo.png", "mask.png", "out.png")]
    Image.fromarray(np.where(HOLE[..., None], 0, TRUTH).astype(np.uint8)).save(files[0])
    Image.fromarray(np.where(HOLE, 255, 0).astype(np.uint8)).save(files[1])
    options = ["--engine", "harmonic", "--feather", "0"]
    places = [str(files[0]), "--mask", str(files[1]), "--out", str(files[2])]
    assert main(["fill", *places, *options]) == 0
    found, _ = find_peers([own_engine("harmonic")], 60, Progress())
    row, fill = compare_peer(found[0], "sea", Sample(TRUTH, HOLE), Progress())
    assert row.error is None
    assert fill is not None
    np.testing.assert_array_equal(fill, np.array(Image.open(files[2])))
    assert row.scores is not None
    assert row.scores.psnr_hole > 5


def rows() -> list[PeerRow]:
    """Two photos: what fills all, what fills one, what fails."""
    found, _ = find_peers([python(COPY), python("raise ValueError('no')", "bad")], 60, Progress())
    made = []
    for name in ("sea", "sky"):
        made += [compare_peer(each, name, Sample(TRUTH, HOLE), Progress())[0] for each in found]
    return made


def test_tables_compare_with_the_first_row() -> None:
    every = rows()
    text = format_photo_table(every[:2])
    assert text.splitlines()[0].startswith("sea: ")
    assert "ValueError: no" in text
    first = text.splitlines()[2].split()
    assert first[0] == "mine"
    assert first[4] == "1.00"
    mean = format_mean_table(every).splitlines()
    assert mean[0] == "Mean of 2 of 2 photos"
    assert len(mean) == 3  # nothing of what never worked
    assert json.loads(json.dumps(every[0].to_plain_values()))["photo"] == "sea"


@pytest.mark.parametrize("id", [id for id in peers() if id.startswith("opencv")])
def test_opencv_fills(id: str) -> None:
    try:
        peer(id).find()
    except PeerMissing:
        pytest.skip(f"no {id} in this build")  # xphoto is not in the one we depend on
    run = run_peer(peer(id), TRUTH, HOLE, 60, Progress())
    np.testing.assert_array_equal(run.fill[~HOLE], TRUTH[~HOLE])
    error = np.abs(run.fill[HOLE].astype(float) - TRUTH[HOLE]).mean()
    assert error < 40


def test_every_peer_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for id in ("gimp-resynthesizer", "gmic"):
        with pytest.raises(PeerMissing):
            peer(id).find()


def test_command_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, fills = tmp_path / "peers.json", tmp_path / "fills"
    options = ["--engine", "harmonic", "--peers", "opencv-telea", "--sizes", "0.02:5"]
    assert main(["benchmark", *options, "--json", str(report), "--fills", str(fills)]) == 0
    text = capsys.readouterr().out
    assert "opencv-telea" in text
    assert "PSNR hole" in text
    document = json.loads(report.read_text(encoding="utf-8"))
    assert [row["peer"] for row in document["rows"]] == ["lacuna-harmonic", "opencv-telea"]
    assert document["rows"][1]["scores"]["psnr_hole"] > 5
    assert len(list(fills.rglob("*.png"))) == 2


def test_an_unknown_peer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--peers", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
