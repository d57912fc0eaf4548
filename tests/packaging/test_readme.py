"""The README's commands are the ones that are run: by the tests, and before anything lands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from inpaint_core.cli.entry import COMMANDS

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def readme() -> str:
    return (_ROOT / "README.md").read_text("utf-8")


def _commands(readme: str) -> list[str]:
    """The one-line commands of the README that set up a virtual environment for sh."""
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("python3 -m venv")]


def test_two_commands_do_all_the_setting_up(readme: str) -> None:
    first, second = _commands(readme)
    assert first.endswith("/inpaint sample")
    assert second.endswith("-m pytest -n 2")


def test_what_lands_is_checked_with_the_readmes_command_word_for_word(readme: str) -> None:
    run = (_ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert _commands(readme)[1] in run


def test_both_install_what_was_tested(readme: str) -> None:
    for command in _commands(readme):
        assert "pip install -c constraints.txt" in command


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {_canonical(re.split(r"[<>=!~\[; ]", line)[0]) for line in wanted}
    lines = (_ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+]+", pin) for pin in pins)
    assert names <= {_canonical(pin.split("==")[0]) for pin in pins}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_command_of_the_engine_is_described(readme: str) -> None:
    for name in COMMANDS:
        assert f"inpaint {name}" in readme


def test_every_file_the_documents_link_to_is_there() -> None:
    documents = [*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md")]
    assert len(documents) > 5
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text("utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} links to {target}"
