"""The ``inpaint`` command: arguments in, messages and exit codes out. Nothing else imports it.

A sub-command is a module ``inpaint_core/cli/commands/<name>.py`` with ``HELP: str``,
``add_arguments(parser) -> None`` and ``run(args) -> int`` (the exit code), and a row in
`inpaint_core.cli.entry.COMMANDS`. Only the chosen one is imported.
"""

from inpaint_core.cli.entry import main

__all__ = ["main"]
