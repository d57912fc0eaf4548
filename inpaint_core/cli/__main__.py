"""``python -m inpaint_core.cli`` is the ``inpaint`` command."""

import sys

from inpaint_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
