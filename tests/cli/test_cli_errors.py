"""Every kind of bad input: one line that says what, one hint, exit code 2, nothing written."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shots import Shot, make_shot

import inpaint_core
from inpaint_core.cli import main
from inpaint_core.engine.engine import Engine

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def bomb(path: Path, width: int = 60_000, height: int = 60_000) -> None:
    """A PNG of a few bytes whose header promises more than 10 GB of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    with path.open("wb") as stream:
        stream.write(b"\x89PNG\r\n\x1a\n")
        for name, data in chunks:
            stream.write(struct.pack(">I", len(data)) + name + data)
            stream.write(struct.pack(">I", zlib.crc32(name + data)))


def picture(path: Path, value: int | np.ndarray, size: tuple[int, int] = (96, 64)) -> Path:
    """A grey picture of (width, height) ``size``, or of an array."""
    array = np.full(size[::-1], value, np.uint8) if isinstance(value, int) else value
    Image.fromarray(array).save(path)
    return path


def cut(shot: Shot, name: str) -> None:
    """Make the photo a file of half its length, in the format of ``name``."""
    whole = shot.folder / name
    Image.fromarray(shot.pixels).save(whole)
    content = whole.read_bytes()
    whole.unlink()
    shot.photo = shot.folder / f"cut{whole.suffix}"
    shot.photo.write_bytes(content[: len(content) // 2])


Case = Callable[[Shot], list[object] | None]
READING: dict[str, tuple[Case, str]] = {}
"""What is wrong with the input, and a part of what must be said about it."""


def reading(said: str) -> Callable[[Case], Case]:
    def add(case: Case) -> Case:
        READING[case.__name__] = (case, said)
        return case

    return add


@reading("There is no file “")
def photo_missing(shot: Shot) -> None:
    shot.photo.unlink()


@reading("” is empty.")
def photo_empty(shot: Shot) -> None:
    shot.photo.write_bytes(b"")


@reading("” is damaged and cannot be decoded.")
def photo_corrupt(shot: Shot) -> None:
    content = bytearray(shot.photo.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    shot.photo.write_bytes(content)


@reading("is not a picture")
def photo_is_text(shot: Shot) -> None:
    shot.photo.write_text("Dear Sir or Madam")


@reading("cut")
def photo_truncated_png(shot: Shot) -> None:
    cut(shot, "a.png")


@reading("cut")
def photo_truncated_jpeg(shot: Shot) -> None:
    cut(shot, "a.jpg")


@reading("cut")
def photo_truncated_tiff(shot: Shot) -> None:
    cut(shot, "a.tif")


@reading("is a folder")
def photo_is_a_folder(shot: Shot) -> None:
    shot.photo = shot.folder


@reading("60000 x 60000 = 3,600,000,000 pixels; the limit is 300,000,000.")
def photo_is_a_bomb(shot: Shot) -> None:
    bomb(shot.photo)


@reading("96 x 64 = 6,144 pixels; the limit is 1,000.")
def photo_over_the_limit(shot: Shot) -> list[object]:
    return ["--max-pixels", 1000]


@reading("There is no file “")
def mask_missing(shot: Shot) -> None:
    shot.mask.unlink()


@reading("” is empty.")
def mask_file_empty(shot: Shot) -> None:
    shot.mask.write_bytes(b"")


@reading("is a folder")
def mask_is_a_folder(shot: Shot) -> None:
    shot.mask = shot.folder


@reading("The mask “")
def mask_of_another_size(shot: Shot) -> None:
    picture(shot.mask, 255, (64, 96))


@reading("is empty: every pixel is black")
def mask_all_black(shot: Shot) -> None:
    picture(shot.mask, 0)


@reading("covers the whole photo")
def mask_all_white(shot: Shot) -> None:
    picture(shot.mask, 255)


@reading("mask.png” has 60000 x 60000 = 3,600,000,000 pixels")
def mask_is_a_bomb(shot: Shot) -> None:
    bomb(shot.mask)


@reading("Nothing is left of the mask when it shrinks by 20 px.")
def mask_shrunk_to_nothing(shot: Shot) -> list[object]:
    return ["--grow", -20]


@reading("protect.png” is 10 x 10 pixels, the photo 96 x 64.")
def protect_of_another_size(shot: Shot) -> list[object]:
    return ["--protect", picture(shot.folder / "protect.png", 255, (10, 10))]


@reading("There is no file “")
def source_missing(shot: Shot) -> list[object]:
    return ["--source", shot.folder / "none.png"]


@reading("No pixel of the photo is left")
def everything_protected(shot: Shot) -> list[object]:
    return ["--protect", picture(shot.folder / "protect.png", 255)]


@reading("row 2: ")
def lines_malformed(shot: Shot) -> list[object]:
    path = shot.folder / "lines.txt"
    path.write_text("0 32 95 32\n0 32 95\n")
    return ["--lines", path]


@reading("outside the photo, which is 96×64 pixels")
def lines_beside_the_photo(shot: Shot) -> list[object]:
    path = shot.folder / "lines.txt"
    path.write_text("0 320 95 320\n")
    return ["--lines", path]


BEFORE: dict[str, tuple[Case, str]] = {}
"""What can be known before anything is read or computed."""


def before(said: str) -> Callable[[Case], Case]:
    def add(case: Case) -> Case:
        BEFORE[case.__name__] = (case, said)
        return case

    return add


@before("There is no engine called “magic”.")
def unknown_engine(shot: Shot) -> list[object]:
    return ["--engine", "magic"]


@before("There are no weights called “zits:nobody”")
def engine_without_weights(shot: Shot) -> list[object]:
    return ["--engine", "zits:nobody"]


@before("The engine “lama” has no weights on this machine yet.")
def engine_of_a_network_that_does_not_ship(shot: Shot) -> list[object]:
    return ["--engine", "lama"]


@before("out.png” is the name of two outputs")
def report_is_the_output(shot: Shot) -> list[object]:
    return ["--report", shot.out]


@before("both.npz” is the name of two outputs")
def report_is_the_offsets(shot: Shot) -> list[object]:
    both = shot.folder / "both.npz"
    return ["--engine", "exemplar", "--report", both, "--offsets", both]


@before("mask.png” is one of the files to be read")
def report_is_the_mask(shot: Shot) -> list[object]:
    return ["--report", shot.mask]


@before("cannot be written: there is no format “.xyz”")
def unknown_format(shot: Shot) -> None:
    shot.out = shot.folder / "out.xyz"


@before("out” cannot be written: ")
def no_format(shot: Shot) -> None:
    shot.out = shot.folder / "out"


@before("out.png” is a folder.")
def output_is_a_folder(shot: Shot) -> None:
    shot.out.mkdir()


@before("The folder of “")
def output_folder_missing(shot: Shot) -> None:
    shot.out = shot.folder / "none" / "out.png"


@before("The folder of “")
def output_under_a_file(shot: Shot) -> None:
    shot.out = shot.photo / "out.png"


@before("cannot be written: ")
def output_name_too_long(shot: Shot) -> None:
    shot.out = shot.folder / ("x" * 300 + ".png")


@before("exists already.")
def output_exists(shot: Shot) -> None:
    shot.out.write_bytes(b"precious")


@before("is write-protected.")
def output_is_write_protected(shot: Shot) -> list[object]:
    if os.name == "posix" and os.geteuid() == 0:
        pytest.skip("root may write everything")
    shot.out.write_bytes(b"precious")
    shot.out.chmod(0o444)
    return ["--overwrite"]


@before("is the photo itself.")
def output_is_the_photo(shot: Shot) -> list[object]:
    shot.out = shot.photo
    return ["--overwrite"]


@before("is one of the files to be read")
def output_is_the_mask(shot: Shot) -> list[object]:
    shot.out = shot.mask
    return ["--overwrite-original"]


@before("is one of the files to be read")
def output_is_the_protect_mask(shot: Shot) -> list[object]:
    shutil.copy(shot.mask, shot.out)
    return ["--overwrite", "--protect", shot.out]


@before("is not an ordinary file.")
def output_is_a_pipe(shot: Shot) -> list[object]:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(shot.out)
    return ["--overwrite"]


@before("The folder of “")
def report_folder_missing(shot: Shot) -> list[object]:
    return ["--report", shot.folder / "none" / "report.json"]


@before("is a folder.")
def report_is_a_folder(shot: Shot) -> list[object]:
    return ["--report", shot.folder]


@before("is one of the files to be read")
def report_is_the_photo(shot: Shot) -> list[object]:
    return ["--report", shot.photo, "--overwrite"]


@before("exists already.")
def report_exists(shot: Shot) -> list[object]:
    path = shot.folder / "report.json"
    path.write_text("{}")
    return ["--report", path]


@before("is written as .npz only")
def offsets_of_another_format(shot: Shot) -> list[object]:
    return ["--offsets", shot.folder / "offsets.txt"]


@before("The engine “harmonic” copies no pixels")
def offsets_of_an_engine_without(shot: Shot) -> list[object]:
    return ["--offsets", shot.folder / "offsets.npz"]


@before("“tpu” is not a device")
def unknown_device(shot: Shot) -> list[object]:
    return ["--device", "tpu"]


@before("0 is not between 1 and 100")
def quality_zero(shot: Shot) -> list[object]:
    return ["--quality", 0]


@before("-1 is not between 0 and")
def seed_negative(shot: Shot) -> list[object]:
    return ["--seed", -1]


@before("nan is not between")
def feather_not_a_number(shot: Shot) -> list[object]:
    return ["--feather", "nan"]


@before("“wide” is not a number")
def feather_a_word(shot: Shot) -> list[object]:
    return ["--feather", "wide"]


@before("“2.5” is not a whole number")
def grow_a_fraction(shot: Shot) -> list[object]:
    return ["--grow", "2.5"]


@before("Unrecognized arguments: --frobnicate")
def unknown_option(shot: Shot) -> list[object]:
    return ["--frobnicate"]


def state(folder: Path) -> dict[str, bytes | None]:
    """Every file below the folder and its content; hidden ones too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        regular = stat.S_ISREG(path.stat().st_mode)
        found[str(path)] = path.read_bytes() if regular else None
    return found


def assert_refused(capfd: pytest.CaptureFixture[str], code: int, said: str) -> None:
    out, err = capfd.readouterr()
    assert code == 2
    assert out == ""
    what, hint = err.splitlines()
    assert what.startswith("inpaint: ")
    assert said in what
    assert hint.startswith("hint: ")
    assert len(hint) > 15


@pytest.mark.parametrize("name", READING)
def test_what_cannot_be_read(name: str, shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    case, said = READING[name]
    more = case(shot) or []
    shot.out.write_bytes(b"precious")
    there = state(shot.folder)
    code = shot.fill("--overwrite", "--report", shot.folder / "report.json", *more)
    assert_refused(capfd, code, said)
    assert state(shot.folder) == there


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_known_before_the_work_is_refused_before_it(
    name: str, shot: Shot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "inpaint", lambda *_: pytest.fail("the fill was computed"))
    case, said = BEFORE[name]
    more = case(shot) or []
    there = state(shot.folder)
    assert_refused(capfd, shot.fill(*more), said)
    assert state(shot.folder) == there


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "No command was given."),
        (["paint"], "invalid choice: 'paint'"),
        (["fill"], "required: PHOTO, --mask, --out"),
        (["fill", "a.png", "--mask", "m.png"], "required: --out"),
        (["fill", "", "--mask", "", "--out", ""], ""),
        (
            ["batch", "a.png", "--out-dir", "o"],
            "ne of the arguments --mask --masks --project --find is required",
        ),
    ],
)
def test_bad_arguments(argv: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert_refused(capfd, main(argv), said)


@pytest.fixture
def forbidden() -> Iterator[Shot]:
    """A shot in a folder in which this process may not write, even when it runs as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shot = make_shot(folder)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield shot
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@posix
def test_no_permission_to_write(
    forbidden: Shot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "inpaint", lambda *_: pytest.fail("the fill was computed"))
    assert_refused(capfd, forbidden.fill(), "Permission denied")
    assert sorted(p.name for p in forbidden.folder.iterdir()) == ["mask.png", "photo.png"]


@posix
def test_no_permission_to_read(forbidden: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        forbidden.out = Path(folder) / "out.png"
        uid = os.geteuid()
        os.seteuid(os.getuid())
        forbidden.photo.chmod(0o000)
        os.seteuid(uid)
        assert_refused(capfd, forbidden.fill(), "do not have permission")
        assert not any(Path(folder).iterdir())


@posix
@pytest.mark.parametrize("already", [True, False])
def test_a_full_disk_leaves_what_was_there(shot: Shot, already: bool) -> None:
    # A limit on the size of files stands in for a full disk: the write fails half way.
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from inpaint_core.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    if already:
        shot.out.write_bytes(b"precious")
    there = state(shot.folder)
    argv = ["fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--engine", "harmonic"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, argv), "--overwrite"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=Path(inpaint_core.__file__).parents[1],
    )
    assert done.returncode == 2
    what, hint = done.stderr.splitlines()
    assert "the disk is full" in what
    assert hint.startswith("hint: Make room")
    assert state(shot.folder) == there


def test_a_bug_is_logged_and_said_in_one_line(
    shot: Shot, log: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "inpaint", lambda *_: [][0])
    assert shot.fill() == 70
    what, hint = capfd.readouterr().err.splitlines()
    assert what == (
        "inpaint: Unexpected error, a bug in this program: IndexError: list index out of range"
    )
    assert str(log) in hint
    assert "Traceback" in log.read_text("utf-8")
    assert not shot.out.exists()


@pytest.mark.parametrize("how", ["option", "environment", "unwritable log"])
def test_a_bugs_traceback_is_shown_when_asked_for(
    how: str,
    shot: Shot,
    log: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Engine, "inpaint", lambda *_: [][0])
    if how == "environment":
        monkeypatch.setenv("LACUNA_DEBUG", "1")
    if how == "unwritable log":
        log.mkdir()
    assert shot.fill(*(["--traceback"] if how == "option" else [])) == 70
    assert "Traceback" in capfd.readouterr().err
    assert not log.is_file()


def test_running_out_of_memory_is_no_bug(
    shot: Shot, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Engine, "inpaint", starve)
    assert_refused(capfd, shot.fill(), "There is not enough memory.")
    assert not shot.out.exists()
