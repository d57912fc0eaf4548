"""The record of what is compiled, and the process that compiles ahead."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inpaint_core.local import compiled_record
from inpaint_core.local.compiled_record import code_folder, is_all_compiled, record_compiled
from inpaint_core.local.own_folders import cache_folder

CACHE = cache_folder().parent  # of whoever runs the tests
ROOT = Path(__file__).resolve().parents[2]

# Compiles ahead, then fills in many ways. Prints for how many kinds of arguments each function
# was compiled before and after.
_FILLS = """
import json, sys
from inpaint_core.contract.progress import Progress
from inpaint_core.first_run.compile_ahead import compile_exports, compile_fills, compile_searches
from inpaint_core.local.compiled_record import is_all_compiled

compile_fills(Progress())
compile_exports()
compile_searches()
from numba.core.dispatcher import Dispatcher
import cv2, numpy as np
from inpaint_core import Engine, FillOptions, InpaintRequest
from inpaint_core.photo.formats.jpeg.damage import has_damaged_bits
from inpaint_core.selection.strip import find_path

def count():
    modules = [m for name, m in sys.modules.items() if name.startswith("inpaint_core.")]
    found = [v for m in modules for v in vars(m).values() if isinstance(v, Dispatcher)]
    return {f.py_func.__qualname__: len(f.signatures) for f in set(found)}

before = count()
y, x = np.mgrid[:160, :200]
photo = np.stack([y + x // 9, 255 - y, x], 2).astype(np.uint8)
photo[::16] = 0
mask = np.zeros(photo.shape[:2], np.uint8)
mask[60:100, 70:120] = 255
part = np.zeros(mask.shape, bool)
part[:50] = True
alpha = np.full(mask.shape, 255, np.uint8)
alpha[:, 150:] = 0
kinds = [{}, {"protect": part}, {"source": part}, {"edges": part ^ np.roll(part, 1, 0)}]
kinds += [{"perspective": "always"}]
for kind in kinds:
    options = FillOptions(engine="exemplar", **kind)
    Engine().inpaint(InpaintRequest(photo, mask, options), Progress())
deep = InpaintRequest(photo.astype(np.uint16) * 257, mask, FillOptions(engine="auto"))
Engine().inpaint(deep, Progress())
Engine().inpaint(InpaintRequest(photo, mask, FillOptions(), alpha=alpha), Progress())
find_path(np.ones((9, 20), np.float32), 0.1, 4, 2)
for flags in ([], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]):
    data = cv2.imencode(".jpg", photo, flags)[1].tobytes()
    assert has_damaged_bits(data, mask.shape) is False
print(json.dumps([before, count()]))
"""

_PROCESS = """
import sys
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.first_run.compile_process import CompileProcess
from inpaint_core.local.compiled_record import is_all_compiled

if __name__ == "__main__":
    process = CompileProcess(in_background=True)
    process.wait_for_fills(Progress())
    process.wait(Progress())
    print(is_all_compiled(), "numba" in sys.modules)
"""


def run(code: str, cache: Path, tmp_path: Path) -> str:
    script = tmp_path / "script.py"
    script.write_text(code, "utf-8")
    return subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compiled_record, "cache_folder", lambda: tmp_path / "cache")
    return code_folder()


@pytest.fixture
def source(tmp_path: Path, cache: Path) -> Path:
    cache.mkdir(mode=0o700, parents=True)
    (cache / "loop-1.machine").write_bytes(b"code")
    path = tmp_path / "loops.py"
    path.write_text("loops", "utf-8")
    return path


def test_what_was_recorded_is_compiled(source: Path) -> None:
    assert not is_all_compiled()
    record_compiled([source])
    assert is_all_compiled()


def test_a_change_of_the_source_counts(source: Path) -> None:
    record_compiled([source])
    source.write_text("other loops", "utf-8")
    assert not is_all_compiled()


def test_code_that_is_gone_counts(source: Path, cache: Path) -> None:
    record_compiled([source])
    (cache / "loop-1.machine").unlink()
    assert not is_all_compiled()


def test_an_appimage_that_is_mounted_elsewhere_has_the_same_record(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(mode=0o700, parents=True)
    first = tmp_path / "mounted"
    first.mkdir()
    (first / "loops.pyc").write_text("loops", "utf-8")
    monkeypatch.setattr(sys, "_MEIPASS", str(first), raising=False)
    record_compiled([first / "loops.pyc"])
    first.rename(tmp_path / "again")
    assert not is_all_compiled()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "again"))
    assert is_all_compiled()


def test_another_python_has_a_record_of_its_own(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_compiled([source])
    monkeypatch.setattr(sys, "version", "4.0")
    assert not is_all_compiled()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"sources": 1, "code": []}', b"\xff"])
def test_a_damaged_record_counts_as_none(source: Path, cache: Path, content: bytes) -> None:
    record_compiled([source])
    (record,) = cache.glob("*.json")
    record.write_bytes(content)
    assert not is_all_compiled()


def test_after_compiling_ahead_no_fill_compiles_anything(tmp_path: Path) -> None:
    before, after = json.loads(run(_FILLS, CACHE, tmp_path))
    assert before == after
    assert before["measure_colour_distance"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="moves the cache as XDG says")
def test_the_process_compiles_everything_and_records_it(tmp_path: Path) -> None:
    own = tmp_path / "own" / "Lacuna" / "compiled"
    own.mkdir(mode=0o700, parents=True)
    for code in (CACHE / "Lacuna" / "compiled").glob("*.machine"):  # some seconds less
        shutil.copy2(code, own)
    assert run(_PROCESS, tmp_path / "own", tmp_path) == "True False"


@pytest.mark.skipif(sys.platform != "linux", reason="moves the cache as XDG says")
def test_where_nothing_can_be_kept_the_process_ends_at_once(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("no folder", "utf-8")
    assert run(_PROCESS, nowhere, tmp_path) == "False False"


def test_waiting_can_be_stopped(tmp_path: Path) -> None:
    code = _PROCESS.replace("process.wait_for_fills(Progress())", _STOPPED)
    assert run(code, tmp_path / "own", tmp_path).splitlines()[0] == "stopped"


_STOPPED = """
    progress = Progress()
    progress.cancel()
    try:
        process.wait_for_fills(progress)
    except Cancelled:
        print("stopped")
        process.stop()
        raise SystemExit
""".strip()
