from __future__ import annotations

import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import SHAPE, facts, layers, opened, photo_at, recipe, same, save, told, work

from app.document.history_snapshot import HistorySnapshot, restore_edits
from app.session.snapshots import Snapshot
from inpaint_core.contract.errors import (
    CannotWrite,
    FileUnreadable,
    InpaintError,
    ProjectDamaged,
    ProjectTooNew,
)
from inpaint_core.contract.geometry import Rect, Segment
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.photo.formats.png import png_writer as png
from inpaint_core.photo.photo import Photo, grey_pixels
from inpaint_core.project.model import CopyPoints, Edit, Original, Part, as_arrays
from inpaint_core.project.photo_location import compare_photo, describe_original, find_photo, sha256
from inpaint_core.project.read_project import decode_picture, read_project
from inpaint_core.project.write_project import write_project


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return photo_at(tmp_path / "photo.png")


@pytest.fixture
def saved(photo: Path, tmp_path: Path) -> Path:
    document = opened(photo)
    work(document, 5, 14)
    return save(document, tmp_path / "work.lacuna")


# -- what is written comes back --------------------------------------------------------------------


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), steps=st.integers(0, 14), bits=st.sampled_from([8, 16]))
def test_reopening_gives_every_state_of_the_history(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int, bits: int
) -> None:
    folder = tmp_path_factory.mktemp("project")
    path = photo_at(folder / "photo.tif", bits)
    document = opened(path, history_bytes=seed * 500)  # some of it is spilled
    work(document, seed, steps)
    kept = save(document, folder / "work.lacuna")
    again = opened(path)
    with read_project(kept) as project:
        assert project.original.sha256 == sha256(path)
        restore_edits(again, project.edits, project.position)
    assert again.history.position == document.history.position
    assert same(again, document)
    for one, other in zip(again.history.entries, document.history.entries, strict=True):
        assert (one.name_key, one.values, one.rects) == (other.name_key, other.values, other.rects)
        assert facts(one.recipe) == facts(other.recipe)
    for position in range(len(document.history.entries) + 1):
        again.go_to(position)
        document.go_to(position)
        assert same(again, document)


def test_saving_changes_nothing_of_the_document(photo: Path, tmp_path: Path) -> None:
    document = opened(photo, history_bytes=0)
    work(document, 3, 12)
    before, position = layers(document), document.history.position
    first = save(document, tmp_path / "a.lacuna").read_bytes()
    assert all(np.array_equal(a, b) for a, b in zip(before, layers(document), strict=True))
    assert document.history.position == position
    # The same bytes again, however often the history was walked through meanwhile.
    document.go_to(0)
    document.go_to(position)
    assert save(document, tmp_path / "a.lacuna").read_bytes() == first


def test_a_recipe_keeps_edges_and_lines(photo: Path, tmp_path: Path) -> None:
    mask = Part.of(Rect(2, 3, 4, 5), np.full((5, 4), 7, np.uint8))
    edges = Part.of(Rect(0, 0, 5, 1), np.array([[255, 255, 128, 127, 1]], np.uint8))
    made = recipe(mask, edges=edges, lines=(Segment(0, 1.5, 20, 30), Segment(1, 2, 3, 4)))
    original = describe_original(photo, tmp_path / "p.lacuna", SHAPE, 8, 9, None)
    write_project(tmp_path / "p.lacuna", original, [(0, Edit("history.fill", (), {}, made))], 1)
    with read_project(tmp_path / "p.lacuna") as project:
        assert facts(project.edits[0].recipe) == facts(made)
        (found,) = project.recipes()
        options = as_arrays(found.options, SHAPE)
        assert options.lines == made.options.lines
        assert options.edges is not None
        assert np.argwhere(options.edges).tolist() == [[0, 0], [0, 1], [0, 2]]
        whole = found.mask.spread(SHAPE)
        assert whole[3:8, 2:6].min() == whole.max() == 7
        assert np.count_nonzero(whole) == 20


def test_recipes_leave_out_what_was_undone_or_done_again(photo: Path, tmp_path: Path) -> None:
    hole = Part.of(Rect(2, 3, 4, 5), np.full((5, 4), 255, np.uint8))
    other = Part.of(Rect(20, 3, 4, 5), np.full((5, 4), 255, np.uint8))
    edits = [
        Edit("history.fill", (), {}, recipe(part, seed))
        for seed, part in enumerate([hole, other, hole, other])
    ]
    original = describe_original(photo, tmp_path / "p.lacuna", SHAPE, 8, 9, None)
    write_project(tmp_path / "p.lacuna", original, enumerate(edits), 3)
    with read_project(tmp_path / "p.lacuna") as project:
        assert [made.options.seed for made in project.recipes()] == [1, 2]


def test_fills_that_a_snapshot_left_are_not_made_again(photo: Path, tmp_path: Path) -> None:
    document = opened(photo)
    patch = np.full((9, 9, 3), 40, np.uint8)

    def fill(seed: int) -> None:
        rect = Rect(12 * seed, 5, 9, 9)
        made = recipe(Part.of(rect, np.full((9, 9), 255, np.uint8)), seed)
        document.apply_fill(rect, patch, recipe=made)

    fill(1)
    snapshot, empty = Snapshot.of(document), Snapshot({}, (), ())
    fill(2)
    snapshot.restore(document, "one")
    fill(3)
    save(document, tmp_path / "a.lacuna")
    with read_project(tmp_path / "a.lacuna") as project:
        assert [made.options.seed for made in project.recipes()] == [1, 3]
    empty.restore(document, "none")
    save(document, tmp_path / "b.lacuna")
    with read_project(tmp_path / "b.lacuna") as project:
        assert project.recipes() == ()
    snapshot.restore(document, "one")
    save(document, tmp_path / "c.lacuna")
    with read_project(tmp_path / "c.lacuna") as project:
        assert [made.options.seed for made in project.recipes()] == [1]


def test_many_fills_of_one_place_are_told_apart_with_one_look_each(
    photo: Path, tmp_path: Path
) -> None:
    rect, looks = Rect(0, 0, 20, 20), Counter[str]()
    shapes = [np.full((20, 20), 1 + at % 200, np.uint8) for at in range(300)]
    edits = [
        Edit("history.fill", (), {}, recipe(Part.of(rect, shape), seed))
        for seed, shape in enumerate(shapes)
    ]
    original = describe_original(photo, tmp_path / "p.lacuna", SHAPE, 8, 9, None)
    write_project(tmp_path / "p.lacuna", original, enumerate(edits), 300)

    def decode(data: bytes, name: str, pixels: int) -> Photo:
        looks[name] += 1
        return decode_picture(data, name, pixels)

    with read_project(tmp_path / "p.lacuna", decode) as project:
        found = [made.options.seed for made in project.recipes()]
    assert found == [*range(100, 200), *range(200, 300)]
    assert looks.total() == 300


def test_masks_in_different_places_are_not_looked_at(photo: Path, tmp_path: Path) -> None:
    edits = [
        Edit("history.fill", (), {}, recipe(Part.of(Rect(at, 0, 2, 2), np.ones((2, 2), np.uint8))))
        for at in range(300)
    ]
    original = describe_original(photo, tmp_path / "p.lacuna", SHAPE, 8, 9, None)
    write_project(tmp_path / "p.lacuna", original, enumerate(edits), 300)

    def decode(data: bytes, name: str, pixels: int) -> Photo:
        raise AssertionError(name)

    with read_project(tmp_path / "p.lacuna", decode) as project:
        assert len(project.recipes()) == 300


def test_a_picture_that_comes_twice_is_kept_once(photo: Path, tmp_path: Path) -> None:
    part = Part.of(Rect(0, 0, 30, 30), np.full((30, 30), 9, np.uint8))
    edits = [Edit("history.brush", (("mask", part),)) for _ in range(9)]
    original = describe_original(photo, tmp_path / "p.lacuna", SHAPE, 8, 9, None)
    write_project(tmp_path / "p.lacuna", original, enumerate(edits), 9)
    with zipfile.ZipFile(tmp_path / "p.lacuna") as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == 1


def test_the_file_is_what_its_documentation_says(saved: Path, photo: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        content = json.loads(archive.read("project.json"))
        assert content["format"] == 2
        assert content["photo"]["relative"] == "photo.png"
        assert content["photo"]["bytes"] == photo.stat().st_size
        images = {change["image"] for edit in content["edits"] for change in edit["changes"]}
        assert images <= set(archive.namelist())
    text = (Path(__file__).parents[2] / "docs/project.md").read_text("utf-8")
    keys = {*content, *content["photo"], *content["edits"][0]}
    fill = next(edit["fill"] for edit in content["edits"] if "fill" in edit)
    assert not [key for key in {*keys, *fill} if f"`{key}`" not in text]


# -- the photo -------------------------------------------------------------------------------------


def test_the_photo_is_found_beside_a_project_that_moved_along(saved: Path, photo: Path) -> None:
    with read_project(saved) as project:
        original = project.original
    folder = photo.parent / "elsewhere"
    folder.mkdir()
    found = find_photo(original, folder / saved.name)
    assert found is not None
    assert (found.path, found.same) == (photo, True)  # by its whole path
    photo.rename(folder / photo.name)
    found = find_photo(original, folder / saved.name)
    assert found is not None
    assert (found.path, found.same) == (folder / photo.name, True)
    assert find_photo(original, saved) is None


def test_a_changed_photo_is_noticed(saved: Path, photo: Path) -> None:
    with read_project(saved) as project:
        original = project.original
    data = bytearray(photo.read_bytes())
    data[-9] ^= 1
    photo.write_bytes(data)
    found = find_photo(original, saved)
    assert found is not None
    assert not found.same
    assert not compare_photo(original, photo).same


def test_the_right_bytes_come_before_the_right_place(saved: Path, photo: Path) -> None:
    with read_project(saved) as project:
        original = project.original
    folder = photo.parent / "copy"
    folder.mkdir()
    (folder / photo.name).write_bytes(b"another one")
    found = find_photo(original, folder / saved.name)
    assert found is not None
    assert (found.path, found.same) == (photo, True)


def test_no_absolute_path_is_needed(photo: Path, tmp_path: Path) -> None:
    original = Original(sha256(photo), photo.stat().st_size, SHAPE, 8, "photo.png", None)
    write_project(tmp_path / "p.lacuna", original, [], 0)
    with read_project(tmp_path / "p.lacuna") as project:
        found = find_photo(project.original, tmp_path / "p.lacuna")
    assert found is not None
    assert found.same


# -- what is refused -------------------------------------------------------------------------------


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The project with its JSON changed."""
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    content = json.loads(entries["project.json"])
    change(content)
    entries["project.json"] = json.dumps(content).encode()
    packed(path, entries)
    return path


def packed(path: Path, entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def use(path: Path) -> None:
    """Read everything of a project."""
    with read_project(path) as project:
        told(project)


def test_a_newer_version_is_refused(saved: Path) -> None:
    with pytest.raises(ProjectTooNew, match="newer version"):
        read_project(rewritten(saved, lambda content: content.update(format=3)))


def test_a_project_of_the_first_version_is_read(saved: Path) -> None:
    use(rewritten(saved, lambda content: content.update(format=1)))


def test_what_is_no_project_is_refused(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(FileUnreadable, match="no file"):
        read_project(tmp_path / "nowhere.lacuna")
    with pytest.raises(FileUnreadable):
        read_project(tmp_path)
    with pytest.raises(ProjectDamaged, match="not a Lacuna project"):
        read_project(photo)
    empty = tmp_path / "empty.lacuna"
    packed(empty, {"other.json": b"{}"})
    with pytest.raises(ProjectDamaged):
        read_project(empty)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("format"),
        lambda c: c.update(format="1"),
        lambda c: c.update(position=len(c["edits"]) + 1),
        lambda c: c.update(edits={}),
        lambda c: c["photo"].update(width=1 << 30),
        lambda c: c["photo"].update(width=10),
        lambda c: c["photo"].update(bits=12),
        lambda c: c["photo"].update(sha256="no"),
        lambda c: c["edits"][0]["changes"][0].update(layer="history"),
        lambda c: c["edits"][0]["changes"][0].update(rect=[0, 0, 1, -1]),
        lambda c: c["edits"][0]["changes"][0].update(rect=[0, 0, 1]),
        lambda c: c["edits"][0]["changes"][0].update(rect=[0, 0, 1, 1]),
        lambda c: c["edits"][0]["changes"][0].update(image="../../photo.png"),
        lambda c: c["edits"][0]["changes"][0].update(image="project.json"),
        lambda c: c["edits"][0].update(values={"number": [1]}),
        lambda c: c["edits"][0].update(name=None),
    ],
)
def test_nonsense_is_refused(saved: Path, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ProjectDamaged):
        use(rewritten(saved, change))


@pytest.mark.parametrize("key", ["engine", "seed", "grow", "feather", "mask", "engines", "device"])
@pytest.mark.parametrize("value", ["x", -1e99, None, [[1]], True])
def test_a_fill_must_make_sense(saved: Path, key: str, value: object) -> None:
    def change(content: dict[str, Any]) -> None:
        next(edit["fill"] for edit in content["edits"] if "fill" in edit)[key] = value

    if key in ("engine", "device") and value == "x":
        use(rewritten(saved, change))  # is a name; the engine will say whether it knows it
        return
    with pytest.raises(ProjectDamaged):
        use(rewritten(saved, change))


def test_a_fill_of_an_older_version_means_what_it_meant(saved: Path) -> None:
    def age(content: dict[str, Any]) -> None:
        for edit in content["edits"]:
            for key in ("auto_grow", "regularity"):
                edit.get("fill", {}).pop(key, None)

    with read_project(rewritten(saved, age)) as project:
        made = [edit.recipe.options for edit in project.edits if edit.recipe is not None]
    assert made
    assert all(options.grow is not None for options in made)
    assert all(options.regularity == "auto" for options in made)


@pytest.mark.parametrize(("key", "value"), [("auto_grow", "yes"), ("regularity", "on")])
def test_a_switch_of_a_fill_must_make_sense(saved: Path, key: str, value: object) -> None:
    def change(content: dict[str, Any]) -> None:
        next(edit["fill"] for edit in content["edits"] if "fill" in edit)[key] = value

    with pytest.raises(ProjectDamaged):
        use(rewritten(saved, change))


@pytest.mark.parametrize(
    "points",
    [
        CopyPoints((3.5, 4)),
        CopyPoints((0, 2), (-7.25, 9), 3, (CopyPoints((5, 6)), CopyPoints((7, 8), (1, 1), 5))),
    ],
)
def test_where_to_copy_from_is_kept(photo: Path, tmp_path: Path, points: CopyPoints) -> None:
    document = opened(photo)
    with read_project(save(document, tmp_path / "a.lacuna", copy_points=points)) as project:
        assert project.copy_points == points
    with read_project(save(document, tmp_path / "b.lacuna")) as project:
        assert project.copy_points is None


@pytest.mark.parametrize(
    "points",
    [7, {}, {"source": [1]}, {"source": [1, "x"]}, {"source": [1, 1e300]},
     {"source": [1, 2], "target": 3}, {"source": [10**400, 1]}, {"source": [1, 2], "number": 6},
     {"source": [1, 2], "others": [{"source": [3, 4]}]}, {"source": [1, 2], "others": 5}],
)  # fmt: skip
def test_where_to_copy_from_must_make_sense(saved: Path, points: object) -> None:
    with pytest.raises(ProjectDamaged):
        use(rewritten(saved, lambda content: content.update(copy=points)))


def test_numbers_that_are_none_are_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        text = archive.read("project.json").decode()
    packed(saved, {"project.json": text.replace('"position": ', '"position": NaN, "x": ').encode()})
    with pytest.raises(ProjectDamaged):
        read_project(saved)


def test_bombs_are_refused_before_their_memory_is_taken(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        content = archive.read("project.json")
        name = json.loads(content)["edits"][0]["changes"][0]["image"]
    bomb = tmp_path / "bomb.lacuna"
    packed(bomb, {"project.json": b" " * (70 << 20) + content})
    with pytest.raises(ProjectDamaged, match="too large"):
        read_project(bomb)
    packed(bomb, {"project.json": content, name: bytes(64 << 20)})
    with pytest.raises(ProjectDamaged, match="too large"):
        read_project(bomb)
    huge = png.encode_png(Photo(grey_pixels(np.zeros((9000, 9000), np.uint8)), is_grey=True))
    assert len(huge) < 400_000

    def tiny(found: dict[str, Any]) -> None:
        found["edits"] = [
            {
                "name": "history.brush",
                "values": {},
                "changes": [{"layer": "mask", "rect": [0, 0, 500, 290], "image": "a.png"}],
            }
        ]
        found["position"] = 0

    packed(bomb, {"project.json": content, "a.png": huge})
    with pytest.raises(ProjectDamaged):
        use(rewritten(bomb, tiny))


def test_a_header_that_understates_a_bomb_is_seen_through(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        content = archive.read("project.json")
    bomb = tmp_path / "bomb.lacuna"
    padded = content + b" " * (70 << 20)
    packed(bomb, {"project.json": padded})
    data = bomb.read_bytes()
    told_size = len(padded).to_bytes(4, "little")
    assert data.count(told_size) == 2  # the local header and the central directory
    bomb.write_bytes(data.replace(told_size, (1000).to_bytes(4, "little")))
    with pytest.raises(ProjectDamaged):
        read_project(bomb)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_are_read_or_refused(saved: Path, tmp_path: Path, seed: int) -> None:
    """Bytes anywhere in the file."""
    chance = random.Random(seed)
    whole = saved.read_bytes()
    path = tmp_path / "mutated.lacuna"
    refused = 0
    for _ in range(75):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            kind = chance.randrange(4)
            at = chance.randrange(len(data))
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at : at + chance.randrange(1, 400)]
            elif kind == 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 40))
            else:
                # Where zip's own headers are.
                end = max(len(data) - 2000, 0) + chance.randrange(2000)
                data[min(end, len(data) - 1)] = chance.randrange(256)
        path.write_bytes(data)
        try:
            use(path)
        except InpaintError:
            refused += 1
    assert refused > 20


def test_mutated_content_in_a_sound_zip_is_read_or_refused(saved: Path, tmp_path: Path) -> None:
    """The checksums are right here, so what is inside must stand for itself."""
    chance = random.Random(8)
    with zipfile.ZipFile(saved) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    path = tmp_path / "mutated.lacuna"
    refused = 0
    for _ in range(150):
        changed = dict(entries)
        name = chance.choice(["project.json", *entries])
        data = bytearray(changed[name])
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.choice(b'0189-.e"[]{},:tfn \\') if name.endswith("json") else 0
            else:
                del data[at : at + chance.randrange(1, 9)]
        changed[name] = bytes(data)
        packed(path, changed)
        try:
            use(path)
        except InpaintError:
            refused += 1
    assert refused > 50


# -- writing ---------------------------------------------------------------------------------------


def test_what_was_there_stays_when_writing_fails(saved: Path, photo: Path) -> None:
    before = saved.read_bytes()
    document = opened(photo)
    work(document, 1, 8)
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        save(document, saved, progress=progress)
    assert saved.read_bytes() == before
    assert {path.name for path in saved.parent.iterdir()} == {"photo.png", "work.lacuna"}
    with pytest.raises(CannotWrite):
        save(document, saved.parent / "nowhere" / "a.lacuna")


def test_a_file_that_exists_is_not_replaced_unasked(saved: Path, photo: Path) -> None:
    original = describe_original(photo, saved, SHAPE, 8, 9, None)
    with pytest.raises(CannotWrite, match="exists"):
        write_project(saved, original, [], 0)


def test_an_edit_that_changes_nothing_does_not_shift_the_history(photo: Path) -> None:
    place, empty = Rect(0, 0, 2, 2), np.zeros((2, 2), np.uint8)
    nothing = Edit("history.brush", (("mask", Part.of(place, empty)),))
    some = Edit("history.brush", (("mask", Part.of(place, empty + 1)),))
    document = opened(photo)
    restore_edits(document, (nothing, some, some), 2)
    assert (document.history.position, len(document.history.entries)) == (1, 1)
    other = opened(photo)
    restore_edits(other, (nothing, some), 1)
    assert (other.history.position, len(other.history.entries)) == (0, 1)


def test_a_closed_project_leaves_no_file_open(saved: Path) -> None:
    project = read_project(saved)
    project.close()
    with pytest.raises(ProjectDamaged):
        project.edits[0].changes[0][1].load()


def test_a_history_on_the_disk_is_written_while_it_goes_on(photo: Path, tmp_path: Path) -> None:
    document = opened(photo, history_bytes=0)
    work(document, 4, 16)
    assert document.history.spill.size
    names, position = [e.name_key for e in document.history.entries], document.history.position
    past = HistorySnapshot.of(document)
    before = save(document, tmp_path / "before.lacuna")
    # Undo and new edits give back what was spilled, and take its place.
    document.go_to(0)
    work(document, 9, 16)
    original = describe_original(
        photo, before, document.shape, 8, photo.stat().st_size, sha256(photo)
    )
    write_project(tmp_path / "after.lacuna", original, past.edits(), past.position)
    assert (tmp_path / "after.lacuna").read_bytes() == before.read_bytes()
    with read_project(before) as project:
        assert [edit.name for edit in project.edits] == names
        assert project.position == position
    spilled = document.history.spill.size
    del past
    document.go_to(0)
    with document.edit("history.brush") as editing:
        editing.write("mask", Rect(0, 0, 1, 1), np.ones((1, 1), np.uint8))
    assert document.history.spill.size < spilled  # given back when nobody reads any more
