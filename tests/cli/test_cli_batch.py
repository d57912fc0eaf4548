from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from shots import Shot, scene

from inpaint_core.batch.batch_journal import NAME
from inpaint_core.cli import main
from inpaint_core.cli.terminal import ProgressBar
from inpaint_core.contract.message import Message
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.retouch import fill_files
from inpaint_core.selection.find_marks import find_marks
from inpaint_core.selection.mark import Mark


class Album:
    """Four photos with a mask each, and a way to run a batch over them that counts the fills."""

    def __init__(self, shot: Shot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shot, self.folder = shot, shot.folder
        self.out, self.masks = shot.folder / "out", shot.folder / "masks"
        self.masks.mkdir()
        self.photos = []
        for index, name in enumerate(("a.png", "b.png", "c.tif", "d.png")):
            self.photos.append(shot.folder / name)
            Image.fromarray(scene(seed=index)).save(self.photos[-1])
            shutil.copy(shot.mask, self.masks / f"{name[0]}.png")
        self.fills = 0
        real = Engine.inpaint

        def counted(engine: Engine, request: InpaintRequest, *rest: object) -> object:
            self.fills += 1
            return real(engine, request, *rest)

        monkeypatch.setattr(Engine, "inpaint", counted)

    def run(self, *more: object, photos: list[Path] | None = None) -> int:
        self.fills = 0
        chosen = self.photos if photos is None else photos
        masks = () if "--mask" in more else ("--masks", self.masks)
        argv = ("batch", *chosen, *masks, "--out-dir", self.out, "--engine", "harmonic", *more)
        return main([str(a) for a in argv])

    def results(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.out.iterdir()) if p.name != NAME}


@pytest.fixture
def album(shot: Shot, monkeypatch: pytest.MonkeyPatch) -> Album:
    return Album(shot, monkeypatch)


def test_all_are_filled_and_the_sum_is_said(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    assert album.run() == 0
    out, err = capfd.readouterr()
    assert out.startswith("4 filled, in ")
    assert err == ""
    assert list(album.results()) == ["a.png", "b.png", "c.tif", "d.png"]
    far = album.shot.far(3)
    for index, photo in enumerate(album.photos):
        with Image.open(album.out / photo.name) as image:
            filled = np.asarray(image)
        assert np.array_equal(filled[far], scene(seed=index)[far])
        assert not np.array_equal(filled[album.shot.hole], scene(seed=index)[album.shot.hole])


def test_one_mask_for_all_and_another_format(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    assert album.run("--mask", album.shot.mask, "--format", ".PNG", "--quality", 90) == 0
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 4
    assert said[2].startswith(f"note: {album.photos[2]}: PNG keeps every pixel")
    assert list(album.results()) == ["a.png", "b.png", "c.png", "d.png"]


@pytest.mark.parametrize(
    ("options", "pattern", "said"),
    [
        ((), "nope*", "No file matches “{folder}/nope*”."),
        (("--engine", "zits:nobody"), "*.png", "There are no weights called “zits:nobody”"),
    ],
)
def test_what_fails_for_every_photo_is_refused_once(
    album: Album,
    capfd: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    pattern: str,
    said: str,
) -> None:
    assert album.run(*options, photos=[album.photos[0], album.folder / pattern]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    failure, hint = err.splitlines()
    assert failure.startswith("inpaint: " + said.format(folder=album.folder))
    assert hint.startswith("hint: ")
    assert not album.out.exists()


def test_it_goes_on_after_failures_and_names_them(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    album.photos[0].write_bytes(b"")
    (album.masks / "c.png").unlink()
    report = album.folder / "report.json"
    assert album.run("--report", report) == 1
    out, err = capfd.readouterr()
    first, *failed = out.splitlines()
    assert first.startswith("2 filled, 2 failed, in ")
    assert failed == [
        f"failed: {album.photos[0]}: “{album.photos[0]}” is empty.",
        f"failed: {album.photos[2]}: There is no mask for “{album.photos[2]}” in “{album.masks}”.",
    ]
    lines = err.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["inpaint:", "hint:"] * 2
    assert list(album.results()) == ["b.png", "d.png"]
    said = json.loads(report.read_text("utf-8"))
    assert said["command"] == "batch"
    assert said["summary"] == {"done": 2, "skipped": 0, "unchanged": 0, "failed": 2, "left": 0}
    assert [p["state"] for p in said["photos"]] == ["failed", "done", "failed", "done"]
    assert said["photos"][0]["error"].endswith("is empty.")
    assert said["photos"][1]["output"]["path"] == str(album.out / "b.png")
    assert said["photos"][1]["timings"]["fill"] > 0
    assert said["peak_memory_bytes"] > 0


def test_a_bug_in_one_photo_does_not_stop_the_others(
    album: Album, log: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Engine.inpaint

    def fragile(engine: Engine, request: InpaintRequest, *rest: object) -> object:
        if np.array_equal(request.image, scene(seed=1)):
            raise KeyError("odd")
        return real(engine, request, *rest)

    monkeypatch.setattr(Engine, "inpaint", fragile)
    assert album.run("--quiet") == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "KeyError" in err.splitlines()[0]
    assert str(log) in err.splitlines()[1]
    assert len(err.splitlines()) == 2
    assert list(album.results()) == ["a.png", "c.tif", "d.png"]


def test_finished_photos_are_skipped(album: Album, capfd: pytest.CaptureFixture[str]) -> None:
    assert album.run(photos=album.photos[:2]) == 0
    before = album.results()
    assert album.run("--verbose") == 0
    assert album.fills == 2
    out, err = capfd.readouterr()
    assert out.splitlines()[-1].startswith("2 filled, 2 finished before, in ")
    assert f"{album.photos[0]}: finished before" in err
    assert {k: v for k, v in album.results().items() if k in before} == before
    assert album.run("--overwrite") == 0
    assert album.fills == 0


def touch_photo(album: Album) -> list[object]:
    Image.fromarray(scene(seed=9)).save(album.photos[1])
    return []


def touch_mask(album: Album) -> list[object]:
    album.shot.hole[30:50, 20:30] = True
    Image.fromarray(album.shot.hole).save(album.masks / "b.png")
    return []


def remove_result(album: Album) -> list[object]:
    (album.out / "b.png").unlink()
    return []


def die_before_the_journal_is_told(album: Album) -> list[object]:
    lines = (album.out / NAME).read_bytes().splitlines(keepends=True)
    rest = [n for n in lines if b'"b.png"' not in n or b'"done"' not in n]
    assert len(rest) == len(lines) - 1
    (album.out / NAME).write_bytes(b"".join(rest))
    return []


def cut_the_journal(album: Album) -> list[object]:
    lines = (album.out / NAME).read_bytes().splitlines(keepends=True)
    last = next(n for n in lines if b'"b.png"' in n and b'"done"' in n)
    lines.remove(last)
    (album.out / NAME).write_bytes(b"".join([*lines, last[:40]]))
    return []


@pytest.mark.parametrize(
    "change",
    [touch_photo, touch_mask, remove_result, die_before_the_journal_is_told, cut_the_journal],
)
def test_only_what_changed_is_done_again(
    album: Album, change: Callable[[Album], list[object]]
) -> None:
    assert album.run() == 0
    before = album.results()
    more = change(album)
    assert album.run(*more) == 0
    assert album.fills == 1
    after = album.results()
    differ = {name for name in before if before[name] != after[name]}
    assert differ <= {"b.png"}
    assert (differ == {"b.png"}) == (change in (touch_photo, touch_mask))
    assert album.run(*more) == 0
    assert album.fills == 0


def test_other_options_do_everything_again(album: Album) -> None:
    assert album.run() == 0
    assert album.run("--grow", 3) == 0
    assert album.fills == 4


def test_a_file_that_is_not_the_batchs_work_is_not_replaced(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    album.out.mkdir()
    (album.out / "b.png").write_bytes(b"precious")
    assert album.run() == 1
    assert (album.out / "b.png").read_bytes() == b"precious"
    assert "exists already" in capfd.readouterr().err
    assert album.run() == 1, "nor the next time"
    assert (album.out / "b.png").read_bytes() == b"precious"
    assert album.run("--overwrite") == 0
    assert album.fills == 1
    (album.out / "b.png").write_bytes(b"retouched by hand")
    assert album.run() == 1
    assert (album.out / "b.png").read_bytes() == b"retouched by hand"


def test_a_failure_keeps_the_older_result_replaceable(album: Album) -> None:
    assert album.run() == 0
    older, photo = album.results()["b.png"], album.photos[1].read_bytes()
    album.photos[1].write_bytes(photo[:300])
    assert album.run() == 1
    assert album.results()["b.png"] == older
    album.photos[1].write_bytes(photo)
    assert album.run() == 0


def test_ctrl_c_stops_and_the_next_run_goes_on(
    album: Album, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: ProgressBar, fraction: float, text: Message | None) -> None:
        # The file is there by then, so it is finished all the same.
        if self.prefix.startswith("3 of 4, c.tif: ") and text == Message("export.checking"):
            signal.raise_signal(signal.SIGINT)

    report = album.folder / "report.json"
    with monkeypatch.context() as during:
        during.setattr(ProgressBar, "__call__", interrupt)
        assert album.run("--report", report) == 130
    out, err = capfd.readouterr()
    assert out.startswith("3 filled, 1 not begun, in ")
    assert err == "inpaint: Stopped; nothing unfinished was written.\n"
    assert json.loads(report.read_text("utf-8"))["summary"]["left"] == 1
    assert list(album.results()) == ["a.png", "b.png", "c.tif"]
    assert album.run() == 0
    assert album.fills == 1


def test_ctrl_c_in_the_middle_of_a_fill(
    album: Album, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: ProgressBar, fraction: float, text: str) -> None:
        if self.prefix.startswith("2 of 4") and 0.3 < fraction < 0.4:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as during:
        during.setattr(ProgressBar, "__call__", interrupt)
        assert album.run() == 130
    assert capfd.readouterr().out.startswith("1 filled, 3 not begun, in ")
    assert list(album.results()) == ["a.png"]
    assert album.run() == 0
    assert album.fills == 3


def test_masks_are_found_by_name(album: Album, capfd: pytest.CaptureFixture[str]) -> None:
    (album.masks / "a.png").rename(album.masks / "a_mask.png")
    (album.masks / "b.png").rename(album.masks / "b-mask.png")
    (album.masks / "c.txt").write_text("not a picture")
    shutil.copy(album.masks / "d.png", album.masks / "d.bmp")
    assert album.run() == 1
    assert list(album.results()) == ["a.png", "b.png", "c.tif"]
    assert "could both be the mask of" in capfd.readouterr().err


def test_patterns_are_resolved_and_each_photo_is_done_once(album: Album) -> None:
    assert album.run(photos=[album.folder / "[ab].png", album.photos[0]]) == 0
    assert album.fills == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--engine", "magic"], "no engine called “magic”"),
        (["--mask", "none.png"], "“none.png” does not exist"),
        (["--masks", "none"], "“none” is not a folder"),
        (["--report", "none/report.json"], "The folder of “none/report.json” does not exist"),
        (["--format", "xyz"], "there is no format “.xyz”"),
    ],
)
def test_what_would_fail_for_all_is_refused_at_once(
    more: list[str], said: str, album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    assert album.run(*more) == 2
    out, err = capfd.readouterr()
    assert out == ""
    what, hint = err.splitlines()
    assert said in what
    assert hint.startswith("hint: ")
    assert album.fills == 0
    assert not album.out.exists() or album.results() == {}


def test_results_may_not_collide_with_each_other_or_with_photos(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    twin = album.folder / "more" / "A.png"
    twin.parent.mkdir()
    shutil.copy(album.photos[0], twin)
    assert album.run(photos=[*album.photos, twin]) == 2
    assert "would both become “A.png”" in capfd.readouterr().err
    before = album.photos[0].read_bytes()
    album.out = album.folder
    assert album.run("--overwrite") == 2
    assert "would replace a photo" in capfd.readouterr().err
    assert album.photos[0].read_bytes() == before


def test_masks_are_safe_from_results(album: Album, capfd: pytest.CaptureFixture[str]) -> None:
    before = {p.name: p.read_bytes() for p in album.masks.iterdir()}
    album.out = album.masks
    assert album.run("--overwrite") == 1
    assert "is one of the files to be read" in capfd.readouterr().err
    assert all((album.masks / name).read_bytes() == before[name] for name in before)


def test_an_output_folder_that_is_a_file(album: Album, capfd: pytest.CaptureFixture[str]) -> None:
    album.out.write_bytes(b"precious")
    assert album.run() == 2
    assert len(capfd.readouterr().err.splitlines()) == 2
    assert album.out.read_bytes() == b"precious"


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_a_journal_that_cannot_be_written(album: Album, capfd: pytest.CaptureFixture[str]) -> None:
    album.out.mkdir()
    (album.out / NAME).mkdir()
    assert album.run() == 2
    assert NAME in capfd.readouterr().err
    assert album.fills == 0


_NOT_ENTRIES = (
    *(b"null", b"3", b"[]", b"{}", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b"\xff\xfe\0"),
    *(b'{"output": null, "state": "done"}', b'{"output": "a.png", "state": ["done"]}'),
    b'{"output": "a.png", "state": "done", "key": 1, "stamp": {}}',
)


def test_damaged_lines_of_a_journal_do_not_count(album: Album) -> None:
    assert album.run() == 0
    lines = (album.out / NAME).read_bytes().splitlines()
    (album.out / NAME).write_bytes(b"\n".join((*_NOT_ENTRIES, *lines, *_NOT_ENTRIES)))
    assert album.run() == 0
    assert album.fills == 0  # what the sound lines say was done


def test_spots_are_found_and_removed_and_a_clean_photo_is_not_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not searched again, unless for something else."""
    height, width = 240, 320
    y, x = np.mgrid[:height, :width]
    sky = 150 + 40 * y / height + np.random.default_rng(0).normal(0, 1.5, (height, width))
    dusty = sky - 25 * (np.hypot(x - 200, y - 90) < 6)
    for name, light in (("clean.png", sky), ("dusty.png", dusty)):
        Image.fromarray(np.repeat(light.astype(np.uint8)[..., None], 3, axis=2)).save(
            tmp_path / name
        )
    report, out = tmp_path / "report.json", tmp_path / "out"
    argv = ("batch", tmp_path, "--find", "spots", "--engine", "harmonic", "--out-dir", out)
    assert main([str(a) for a in (*argv, "--report", report)]) == 0
    said, err = capfd.readouterr()
    assert said.startswith("1 filled, 1 without anything to remove, in ")
    assert err == ""
    assert [p.name for p in sorted(out.glob("*.png"))] == ["dusty.png"]
    filled = np.asarray(Image.open(out / "dusty.png"))[..., 0].astype(int)
    assert abs(filled[85:96, 195:206].mean() - sky[85:96, 195:206].mean()) < 3
    assert np.array_equal(filled[150:], dusty.astype(np.uint8)[150:])
    clean, dirty = json.loads(report.read_text("utf-8"))["photos"]
    assert clean["state"] == "unchanged"
    assert dirty["mask"]["found"] == "spots"
    searches: list[object] = []

    def find(*of: Any) -> list[Mark]:
        searches.append(of)
        return find_marks(*of)

    monkeypatch.setattr(fill_files, "find_marks", find)
    assert main([str(a) for a in argv]) == 0
    assert "1 finished before, 1 without" in capfd.readouterr().out
    assert searches == []
    assert main([str(a) for a in (*argv, "--sensitivity", 49)]) == 0
    assert len(searches) == 2


def test_a_mask_of_half_the_size_is_scaled_when_asked(
    album: Album, capfd: pytest.CaptureFixture[str]
) -> None:
    hole = np.asarray(Image.open(album.shot.mask).convert("L")) > 127
    height, width = hole.shape
    ys, xs = np.nonzero(hole)
    small = album.folder / "small.png"
    Image.open(album.shot.mask).resize((width // 2, height // 2)).save(small)
    assert album.run("--mask", small) == 1
    assert "scale it to" in capfd.readouterr().err
    assert album.run("--mask", small, "--scale-mask") == 0
    inner = np.s_[ys.min() + 2 : ys.max() - 1, xs.min() + 2 : xs.max() - 1]
    for index, photo in enumerate(album.photos):
        with Image.open(album.out / photo.name) as image:
            filled = np.asarray(image)
        assert (filled[inner] != scene(seed=index)[inner]).any(axis=2).mean() > 0.9
        assert np.array_equal(filled[album.shot.far(6)], scene(seed=index)[album.shot.far(6)])
    Image.fromarray(np.full((30, 30), 255, np.uint8)).save(small)
    assert album.run("--mask", small, "--scale-mask", "--overwrite") == 1
    assert "the proportions differ" in capfd.readouterr().err
