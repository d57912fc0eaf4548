"""What all tests share: Qt without a screen, and property tests that are the same every time."""

from __future__ import annotations

import atexit
import os
import tempfile

from hypothesis import settings

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# What programs remember about this machine or its user is not for tests to read or write.
_home = tempfile.TemporaryDirectory(prefix="lacuna-tests-")
atexit.register(_home.cleanup)
for _name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
    os.environ[_name] = _home.name

# A slow machine must not fail a test, and a failure must come again on the next run.
settings.register_profile("lacuna", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("lacuna")
