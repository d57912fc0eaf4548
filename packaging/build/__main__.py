"""Builds what is released: ``python packaging/build TARGET``.

``wheel``: the wheel and the source archive, checked by twine. ``linux``: the AppImage and the
Debian package, on Debian or Ubuntu. ``windows`` and ``macos``: the folder or the bundle that
PyInstaller makes there. Every target makes a virtual environment of its own in ``build/`` and
leaves its result in ``dist/``; git ignores both.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from appimage import make_appimage
from bundle import BuildFailed, make_bundle, make_icons
from deb import make_deb
from environment import make_environment, run

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from inpaint_core.contract.version import __version__  # noqa: E402

_HERE = {"linux": "linux", "win32": "windows", "darwin": "macos"}


def main() -> int:
    """Build. Returns 0, or 2 where something is missing for it."""
    parser = argparse.ArgumentParser(prog="python packaging/build", description=__doc__)
    parser.add_argument("target", choices=("wheel", *_HERE.values()))
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="by default “dist”")
    parser.add_argument(
        "--runtime", type=Path, metavar="FILE", help="the start of the AppImage (see README.md)"
    )
    args = parser.parse_args()
    work = ROOT / "build"
    work.mkdir(exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        made = _make_wheel(work, args.out) if args.target == "wheel" else _make_app(args, work)
    except (BuildFailed, FileNotFoundError) as error:
        print(f"Nothing was built: {error}", file=sys.stderr)
        return 2
    for path in made:
        print(f"{path}  {_size(path) / 1e6:.0f} MB")
    return 0


def _make_wheel(work: Path, out: Path) -> list[Path]:
    python = make_environment(work / "wheel-env", ["build", "twine"])
    fresh = work / "wheel"
    shutil.rmtree(fresh, ignore_errors=True)
    run([python, "-m", "build", "--outdir", fresh, ROOT], cwd=work)
    made = sorted(fresh.iterdir())
    run([python, "-m", "twine", "check", "--strict", *made], cwd=work)
    return [Path(shutil.copy(path, out)) for path in made]


def _make_app(args: argparse.Namespace, work: Path) -> list[Path]:
    here = _HERE.get(sys.platform)
    if here != args.target:
        raise BuildFailed(f"“{args.target}” is built on {args.target} only, and this is {here}")
    if here != "linux":
        make_icons(work)
    made = make_bundle(work)
    if here != "linux":
        place = args.out / made.name
        shutil.rmtree(place, ignore_errors=True)
        return [shutil.copytree(made, place, symlinks=True)]
    return [
        make_deb(made, work / "deb", args.out, __version__),
        make_appimage(made, work / "appimage", args.out, __version__, args.runtime),
    ]


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
