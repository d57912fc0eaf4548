"""What all tests share: Qt without a screen, and property tests that are the same every time."""

from __future__ import annotations

import os

from hypothesis import settings

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A slow machine must not fail a test, and a failure must come again on the next run.
settings.register_profile("lacuna", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("lacuna")
