"""Compiled functions: kept in a folder of our own, and compiled anew whatever is wrong with it."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher

from inpaint_core.local import own_folders
from inpaint_core.local.compiled import code_folder, compiled, vectorised
from inpaint_core.local.own_folders import NOWHERE

ROOT = Path(__file__).resolve().parents[2]
STEP = 3


def add_step(value: int) -> int:
    return value + STEP


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        "inpaint_core.local.compiled_record.cache_folder", lambda: tmp_path / "cache"
    )
    return code_folder()


def run() -> bool:
    """Call a function as a new process would; whether its code came out of the cache."""
    function = compiled(add_step)
    assert isinstance(function, Dispatcher)
    assert function(4) == 7
    return bool(sum(function.stats.cache_hits.values()))


def entry(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_the_second_process_compiles_nothing(cache: Path) -> None:
    assert not run()
    assert run()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700 or os.name == "nt"
    assert stat.S_IMODE(entry(cache).stat().st_mode) == 0o600 or os.name == "nt"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "garbage": lambda data: b"\x80\x05garbage" * 99,
    "cut off": lambda data: data[: len(data) // 2],
    "a bit": lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
    "no digest": lambda data: data[32:],
    "of something else": lambda data: (
        hashlib.sha256(pickle.dumps((1, None))).digest() + pickle.dumps((1, None))
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_code_is_compiled_anew_and_replaced(
    cache: Path, damage: Callable[[bytes], bytes]
) -> None:
    run()
    entry(cache).write_bytes(damage(entry(cache).read_bytes()))
    assert not run()
    assert run()


def planted(cache: Path, marker: Path) -> None:
    """A pickle that runs a command, under the right name and with the right digest."""

    class Command:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch '{marker}'",)

    run()
    code = pickle.dumps(Command())
    entry(cache).write_bytes(hashlib.sha256(code).digest() + code)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("case", ["ours", "folder", "file", "owner", "link", "linked folder"])
def test_what_others_could_have_planted_is_not_run(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    marker = tmp_path / "ran"
    planted(cache, marker)
    path = entry(cache)
    if case == "folder":
        cache.chmod(0o777)
    elif case == "file":
        path.chmod(0o666)
    elif case == "owner":
        owner = os.geteuid()
        monkeypatch.setattr(own_folders.os, "geteuid", lambda: owner + 1)
    elif case == "link":
        path.symlink_to(path.rename(tmp_path / "elsewhere"))
    elif case == "linked folder":
        cache.symlink_to(cache.rename(tmp_path / "elsewhere"))
    assert not run()
    assert marker.exists() == (case == "ours")  # what is our own is run


@pytest.mark.parametrize("place", ["nowhere", "a file", "below a file", "read-only", "full"])
def test_without_a_folder_everything_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").touch()
    folder = {"nowhere": NOWHERE, "below a file": tmp_path / "file" / "x"}.get(place, tmp_path)
    if place == "a file":
        (tmp_path / "compiled").touch()
    if place in ("read-only", "full"):

        def refuse(*_: object, **__: object) -> int:
            raise OSError(place)

        monkeypatch.setattr(own_folders.os, "fdopen" if place == "full" else "open", refuse)
    monkeypatch.setattr("inpaint_core.local.compiled_record.cache_folder", lambda: folder)
    assert not run()
    assert not run()


def test_other_sources_are_other_entries(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(sys.modules[__name__], "STEP", 5)  # a constant that it names
    function = compiled(add_step)
    assert function(4) == 9
    monkeypatch.undo()
    monkeypatch.setattr("inpaint_core.local.compiled_record.cache_folder", lambda: cache.parent)

    def called(value: int) -> int:
        return value * 2

    def twice(value: int) -> int:
        return inner(value)

    names = set()
    for make in (compiled, vectorised):
        inner = make(called)
        twice.__globals__["inner"] = inner
        try:
            assert make(twice)(4) == 8
        finally:
            del twice.__globals__["inner"]
        names.add(len(list(cache.iterdir())))
    assert len(names) == 2  # with another way to sum there are other entries


def test_old_entries_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(mode=0o700, parents=True)
    for number in range(300):
        old = cache / f"old{number}.machine"
        old.touch()
        os.utime(old, (number, number))
    run()
    assert len(list(cache.iterdir())) == 256
    assert not (cache / "old0.machine").exists()
    assert run()


PLANTED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from inpaint_core.photo.formats.jpeg import huffman_encoder
from inpaint_core.local.compiled import code_folder, compiled
assert compiled(lambda value: value + 1)(1) == 2
print(code_folder())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other variables")
@pytest.mark.parametrize("home", ["/dev/null", None, "", "relative"])
def test_the_working_directory_is_never_the_cache(tmp_path: Path, home: str | None) -> None:
    work = tmp_path / "work"
    (work / "numba").mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": "", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {} if home is None else {"HOME": home}
    if home != "/dev/null":
        # A real home is not for a test to write to.
        environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    done = subprocess.run(
        [sys.executable, "-c", PLANTED, str(ROOT)],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_absolute()
    assert not done.stdout.startswith(str(work))
    assert [path.relative_to(work) for path in work.rglob("*")] == [Path("numba")]


TOGETHER = """
import sys
sys.path.insert(0, sys.argv[1])
from inpaint_core.local.compiled import compiled
def add(value): return value + 1
function = compiled(add)
for value in (1, 1.5, True):
    assert function(value) == value + 1
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other variables")
def test_processes_that_compile_at_the_same_time(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", TOGETHER, str(ROOT)]
    for _ in range(2):  # without and with a cache
        started = [subprocess.Popen(command, env=environment) for _ in range(3)]
        assert [process.wait() for process in started] == [0, 0, 0]
    kept = list((tmp_path / "Lacuna" / "compiled").iterdir())
    assert [path.suffix for path in kept] == [".machine"] * 3
