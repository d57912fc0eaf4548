from __future__ import annotations

from pathlib import Path

import pytest
from shots import Shot, make_shot

from inpaint_core.cli import failure_message as failure


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    return make_shot(tmp_path)


@pytest.fixture(autouse=True)
def log(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bugs are logged here instead of in the user's own folder."""
    path = tmp_path_factory.mktemp("log") / "inpaint.log"
    monkeypatch.setattr(failure, "log_path", lambda: path)
    monkeypatch.delenv("LACUNA_DEBUG", raising=False)
    return path
