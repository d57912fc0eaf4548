from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.geometry import Segment
from inpaint_core.retouch.guide_files import check_lines, read_lines


@pytest.mark.parametrize(
    "text",
    [
        "0 10 95 12.5\n3 4 5 6\n",
        "# a horizon\n0,10,95,12.5 # from left to right\n\n3;4;5;6",
        "\ufeff0\t10\t95\t12.5\r\n  3, 4, 5, 6  \r\n",
    ],
)
def test_text_forms(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lines.txt"
    path.write_text(text, "utf-8")
    assert read_lines(path) == (Segment(0, 10, 95, 12.5), Segment(3, 4, 5, 6))


def test_json_forms(tmp_path: Path) -> None:
    path = tmp_path / "lines.JSON"
    path.write_text(json.dumps([[0, 10, 95, 12.5], {"x0": 3, "y0": 4, "x1": 5, "y1": 6}]))
    assert read_lines(path) == (Segment(0, 10, 95, 12.5), Segment(3, 4, 5, 6))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"0 10 95\n", "row 1: it is not four numbers"),
        ("a.txt", b"1 2 3 4\n1 2 3 x\n", "row 2"),
        ("a.txt", b"1 2 3 4 5\n", "row 1"),
        ("a.txt", b"1 2 nan 4\n", "row 1"),
        ("a.txt", b"1 2 1 2\n", "the same point"),
        ("a.txt", b"# nothing\n", "holds no line"),
        ("a.txt", b"", "holds no line"),
        ("a.txt", b"\xff\xfe\x00\x80", "not a text file"),
        ("a.txt", b"#" * 1_000_001, "too large"),
        ("a.json", b"[", "not valid JSON"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.json", b'{"x0": 1}', "not a JSON list"),
        ("a.json", b"[[1, 2, 3]]", "item 1"),
        ("a.json", b'[[1, 2, 3, 4], [1, 2, 3, "4"]]', "item 2"),
        ("a.json", b"[7]", "item 1"),
        ("a.json", b"[[1, 2, 3, 1" + b"0" * 400 + b"]]", "item 1"),
        ("a.json", b'[{"x0": 1, "y0": 2, "x1": 3}]', "item 1"),
        ("a.json", b"[]", "holds no line"),
    ],
)
def test_bad_content_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=said):
        read_lines(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="does not exist"):
        read_lines(tmp_path / "none.txt")
    with pytest.raises(FileUnreadable, match="is a folder"):
        read_lines(tmp_path)


def test_a_line_may_reach_over_the_border_but_not_lie_beside_the_photo() -> None:
    check_lines((Segment(-50, 10, 300, 12), Segment(0, 0, 99, 0)), (50, 100))
    for beside in (Segment(-9, 0, -1, 40), Segment(0, 50, 9, 60), Segment(100, 0, 101, 9)):
        with pytest.raises(BadRequest, match=r"Line 2 .* outside the photo, which is 100×50"):
            check_lines((Segment(0, 0, 5, 5), beside), (50, 100))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), ending=st.sampled_from([".txt", ".json"]))
def test_any_bytes_give_segments_or_a_named_error(
    tmp_path: Path, content: bytes, ending: str
) -> None:
    path = tmp_path / f"lines{ending}"
    path.write_bytes(content)
    said = ""
    segments: tuple[Segment, ...] = ()
    try:
        segments = read_lines(path)
    except BadRequest as error:
        said = str(error.message)
    assert bool(segments) != (str(path) in said)
