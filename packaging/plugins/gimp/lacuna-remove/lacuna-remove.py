#!/usr/bin/env python3
"""GIMP 3 plug-in: Filters > Enhance > Remove with Lacuna: selection in, layer out.

What is visible goes to the command “inpaint” as a PNG with the selection as its mask. What comes
back is a layer above the others: the fill, with a layer mask that shows where it is. The layers
below stay as they are. See docs/other-programs.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio, GLib  # noqa: E402

PROCEDURE = "lacuna-remove"
COMMAND = "LACUNA_INPAINT"
"""The environment variable that names the command, where the system does not find “inpaint”."""
_PULSE = 0.2  # s


def find_command() -> str | None:
    """The command that fills, or None."""
    named = os.environ.get(COMMAND)
    return named if named else shutil.which("inpaint")


def save(image: Gimp.Image, path: Path) -> None:
    """Write an image as a PNG at its own depth. Raises RuntimeError."""
    done = Gimp.file_save(
        Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)), None
    )
    if not done:
        raise RuntimeError(f"{path.name} could not be written")


def write_photo(image: Gimp.Image, path: Path) -> None:
    """Write what is visible of an image."""
    copy = image.duplicate()
    try:
        copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        save(copy, path)
    finally:
        copy.delete()


def write_mask(image: Gimp.Image, path: Path) -> None:
    """Write the selection: white where all of a pixel is selected, black where nothing is."""
    copy = image.duplicate()
    try:
        selected = Gimp.Selection.save(copy)
        Gimp.Selection.none(copy)
        layer = copy.flatten()
        layer.fill(Gimp.FillType.WHITE)
        black = Gimp.Layer.new(
            copy, "black", image.get_width(), image.get_height(), layer.type(), 100,
            Gimp.LayerMode.NORMAL,
        )  # fmt: skip
        copy.insert_layer(black, None, 0)
        Gimp.context_push()
        Gimp.context_set_defaults()
        black.fill(Gimp.FillType.FOREGROUND)  # the default foreground is black
        Gimp.context_pop()
        copy.select_item(Gimp.ChannelOps.REPLACE, selected)
        black.edit_fill(Gimp.FillType.WHITE)
        Gimp.Selection.none(copy)
        copy.flatten()
        save(copy, path)
    finally:
        copy.delete()


def fill(command: str, folder: Path) -> None:
    """Run the command, with GIMP's progress moving meanwhile. Raises RuntimeError with what the
    command said.
    """
    photo, mask, out = (str(folder / name) for name in ("photo.png", "mask.png", "filled.ora"))
    environment = {**os.environ}
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"):
        environment.pop(name, None)  # they are GIMP's
    with subprocess.Popen(
        [command, "fill", photo, "--mask", mask, "--out", out, "--quiet"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while True:
            try:
                _, said = running.communicate(timeout=_PULSE)
                break
            except subprocess.TimeoutExpired:
                Gimp.progress_pulse()
    if running.returncode:
        lines = said.strip().splitlines()
        raise RuntimeError("\n".join(lines[-2:]) or f"“{command}” failed")


def insert_fill(image: Gimp.Image, path: Path) -> Gimp.Layer:
    """Insert the upper layer of the file above all others; its transparency becomes a mask."""
    filled = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))
    try:
        retouch = filled.get_layers()[0]
        _, x, y = retouch.get_offsets()
        layer = Gimp.Layer.new_from_drawable(retouch, image)
    finally:
        filled.delete()
    layer.set_name("Lacuna")
    image.insert_layer(layer, None, 0)
    layer.set_offsets(x, y)
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.ALPHA_TRANSFER))
    return layer


def remove_selected(image: Gimp.Image) -> Gimp.Layer:
    """Fill the selection in a layer of its own. Raises RuntimeError with a sentence."""
    if Gimp.Selection.is_empty(image):
        raise RuntimeError("Select what is to be removed first.")
    command = find_command()
    if command is None:
        raise RuntimeError(
            f"Lacuna’s command “inpaint” was not found. Install Lacuna, or name it in {COMMAND}."
        )
    Gimp.progress_init("Lacuna fills the selection…")
    with tempfile.TemporaryDirectory(prefix="lacuna-") as name:
        folder = Path(name)
        write_photo(image, folder / "photo.png")
        write_mask(image, folder / "mask.png")
        fill(command, folder)
        return insert_fill(image, folder / "filled.ora")


class LacunaRemove(Gimp.PlugIn):
    """The plug-in, as GIMP finds it."""

    def do_query_procedures(self) -> list[str]:
        """The procedures that there are."""
        return [PROCEDURE]

    def do_set_i18n(self, name: str) -> bool:
        """No catalogue of its own."""
        return False

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Describe the procedure."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_sensitivity_mask(
            Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES
        )
        procedure.set_menu_label("Remove with Lacuna")
        procedure.add_menu_path("<Image>/Filters/Enhance")
        procedure.set_documentation(
            "Fill the selection as if what is in it were not there",
            "The fill becomes a layer with a mask above the others, which stay as they are.",
            name,
        )
        procedure.set_attribution("The Lacuna developers", "Apache-2.0", "2026")
        return procedure

    def run(
        self,
        procedure: Gimp.Procedure,
        mode: Gimp.RunMode,
        image: Gimp.Image,
        drawables: list[Gimp.Drawable],
        config: Gimp.ProcedureConfig,
        data: object,
    ) -> Gimp.ValueArray:
        """Do it, as one step of the history."""
        image.undo_group_start()
        try:
            remove_selected(image)
        except (RuntimeError, OSError, GLib.Error) as error:
            reason = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(error), 0)
            return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, reason)
        finally:
            image.undo_group_end()
            Gimp.displays_flush()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


if __name__ == "__main__":
    Gimp.main(LacunaRemove.__gtype__, sys.argv)
