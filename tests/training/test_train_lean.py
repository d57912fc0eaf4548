"""Training needs PyTorch, NumPy, OpenCV and Pillow, and nothing else that must be installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = '''
import importlib.util
import sys
from importlib.machinery import PathFinder

ALLOWED = {"inpaint_core", "resources", "weights", "torch", "torchgen", "functorch", "numpy", "cv2",
           "PIL"}
# What these need of their own.
ALLOWED |= {"typing_extensions", "sympy", "mpmath", "networkx", "jinja2", "markupsafe", "filelock",
            "fsspec", "setuptools", "pkg_resources", "_distutils_hack", "optree", "packaging"}


class Only(PathFinder):
    """Finds no package but these."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ALLOWED or top in sys.stdlib_module_names or top.startswith("_"):
            return PathFinder.find_spec(name, path, target)
        return None


sys.meta_path = [Only if finder is PathFinder else finder for finder in sys.meta_path]
for name in ("safetensors", "numba", "tifffile", "platformdirs"):
    assert importlib.util.find_spec(name) is None
from inpaint_core.cli import main

sys.exit(main(sys.argv[1:]))
'''


def test_nothing_else_is_imported(album: Path, tmp_path: Path) -> None:
    photos = f"{album.as_posix()}/photos"
    config = tmp_path / "run.toml"
    config.write_text(
        f'photos = ["{photos}"]\nvalidation = ["{photos}"]\nout = "run"\ndevice = "cpu"\n'
        "adversarial = 0.0\nsizes = [[0, 64]]\nbatch = 1\nworkers = 1\nlog_every = 1\n"
        'validation_samples = 1\nsteps = 1\ncheckpoint = "compact"\ntensorboard = true\n'
    )
    script = tmp_path / "lean.py"
    script.write_text(PROGRAM)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script), "train", str(config)],
        cwd=root, env={"PYTHONPATH": str(root)}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    note, *lines = done.stdout.splitlines()
    assert "TensorBoard is not installed" in note
    assert len(lines) == 2
    folder = tmp_path / "run" / "step-00000001"
    # “base” in the compact form: 46 MiB, in files that are all small enough to pass on.
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert max(sizes) <= 16 * 2**20
    assert 30 * 2**20 < sum(sizes) < 50 * 2**20
    assert len(sizes) <= 5
