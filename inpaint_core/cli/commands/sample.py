"""``inpaint sample``: the first run. Removes the object from the photo that ships with Lacuna."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from inpaint_core.cli import terminal
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.file_names import to_path
from inpaint_core.local.find_appimage import find_appimage

HELP = "Remove the lifebuoy stand from the sample photo, and open the result in the editor."

PHOTO, MASK, RESULT = "beach.jpg", "beach-mask.png", "beach-without-stand.jpg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint sample``."""
    parser.add_argument(
        "--out-dir",
        metavar="DIR",
        type=to_path,
        default=Path("lacuna-sample"),
        help="folder for the photo, its mask and the result (default: %(default)s)",
    )
    parser.add_argument(
        "--engine",
        metavar="ID",
        default=DEFAULT_ENGINE,
        help=f"one of “inpaint engines” (default: {DEFAULT_ENGINE})",
    )
    parser.add_argument("--no-open", action="store_true", help="do not open the editor")


def run(args: argparse.Namespace) -> int:
    """Fill the sample, say where the result is, open it where there is a screen. Returns 0."""
    import resources
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.engine.engine import Engine
    from inpaint_core.retouch.fill_files import FillFiles
    from inpaint_core.retouch.fill_task import FillTask
    from inpaint_core.retouch.output_places import make_folder

    folder: Path = args.out_dir
    make_folder(folder)
    for name in (PHOTO, MASK):
        _write(folder / name, resources.path(f"samples/{name}").read_bytes())
    out = folder / RESULT
    files = FillFiles(folder / PHOTO, folder / MASK, FillOptions(engine=args.engine))
    task = FillTask(files, out, overwrite=True)
    task.check()
    with show_progress(args.quiet) as (_, progress):
        done = task.perform(Engine(), progress)
    if not args.quiet:
        seconds = sum(done.timings.values())
        print(f"The photo:   {(folder / PHOTO).resolve()}")
        print(f"Its mask:    {(folder / MASK).resolve()}")
        print(f"The result:  {out.resolve()}")
        count = terminal.format_count(done.masked, "pixel")
        print(f"{count} filled in {terminal.format_duration(seconds)}.")
    if not args.no_open and has_screen(sys.platform, os.environ) and _has_editor():
        _open_editor(out)
    return 0


def _write(path: Path, content: bytes) -> None:
    from inpaint_core.retouch.output_places import write_whole

    write_whole(path, lambda stream: stream.write(content))


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """True where a window can be opened: always on macOS and Windows, elsewhere with a display."""
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY"))


def _has_editor() -> bool:
    """False where only the library is installed, without Qt."""
    return importlib.util.find_spec("PySide6") is not None


def _open_editor(photo: Path) -> None:
    """Start the editor as a process of its own, which goes on after this one."""
    image = find_appimage()
    command = (sys.executable, "-m", "app") if image is None else (image,)
    subprocess.Popen(
        [*command, str(photo.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
