"""Where ``inpaint`` starts: choose the sub-command, run it, turn what it raises into an exit code.

Exit codes: 0 done, 1 some photos of a batch failed, 2 bad input (one line that says what, one
hint), 70 a bug, 130 stopped with Ctrl-C, 143 stopped by SIGTERM.
"""

from __future__ import annotations

import argparse
import importlib
import io
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from typing import NoReturn, TextIO, cast

from inpaint_core.cli import terminal
from inpaint_core.cli.failure_message import BAD_INPUT, describe_failure
from inpaint_core.cli.interruption import exit_code, ignore_signals, stop_on_sigterm
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled

PIPE_CLOSED = 141

COMMANDS = {
    "sample": "the first run: remove the object from a sample photo, and look at the result",
    "fill": "remove what a mask marks from one photo",
    "batch": "the same for many photos; goes on after a failure, and resumes",
    "select": "write a mask of the wires, spots or writing that a photo shows",
    "info": "say what a photo file holds, and what would be lost",
    "priors": "write the edges, lines and smoothed colours that a photo shows around its hole",
    "features": "fill, and write the network's feature maps with a one-page report",
    "figures": "fill, and draw for this photo what the figures of a paper show",
    "explain": "fill, and say of one pixel where it came from and what decided its colour",
    "engines": "list the engines that can fill a hole",
    "weights": "import weights of other programs or of your own training, list and remove them",
    "evaluate": "score engines against the truth on photos with masks",
    "benchmark": "time every stage at several photo sizes",
    "train": "train a network on photos of your own",
}


_FILLING = frozenset({"sample", "fill", "batch", "features", "figures", "explain"})
"""Commands that compile ahead in another process, the first time."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `BadRequest`, so that they look like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise `BadRequest` with argparse's message as a sentence."""
        sentence = message[:1].upper() + message[1:].rstrip(".") + "."
        raise BadRequest("command.usage", sentence=sentence, program=self.prog)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``inpaint`` with the arguments ``argv`` (without the program's name) and return the
    exit code. None = the process's own arguments.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    terminal.open_standard_streams()
    # A file name need not be valid in the terminal's encoding; it must not end the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace_unprintable")
    started = argparse.Namespace(startup=time.process_time() if argv is None else None)
    results = terminal.ResultStream(sys.stdout)
    if argv is None:
        stop_on_sigterm()
    with redirect_stdout(cast(TextIO, results)):
        code = _run(arguments, started, results)
    if argv is None:  # the code is decided, and nothing is left but to end
        ignore_signals()
    return _finish_results(results, code)


def print_result(text: str, code: int = 0) -> int:
    """Print ``text`` as a whole program's result; returns its exit code: ``code``, or another one
    where that cannot be printed.
    """
    terminal.open_standard_streams()
    results = terminal.ResultStream(sys.stdout)
    with suppress(OSError):
        results.write(text)
    return _finish_results(results, code)


def _run(arguments: list[str], started: argparse.Namespace, results: terminal.ResultStream) -> int:
    """Run the sub-command; returns its exit code, or that of what it raises."""
    try:
        return _dispatch(arguments, started)
    except SystemExit as exit_:  # argparse, after --help and --version
        return exit_.code if isinstance(exit_.code, int) else 0
    except (Cancelled, KeyboardInterrupt) as stop:
        usual = "nothing unfinished was written." if isinstance(stop, Cancelled) else ""
        more = next((str(a) for a in stop.args if isinstance(a, Message)), usual)
        terminal.complain(f"Stopped; {more}" if more else "Stopped.")
        return exit_code(stop)
    except Exception as error:
        if error is results.failure:
            return 0  # `_finish_results` says it
        message, hint, code = describe_failure(error, show="--traceback" in arguments)
        terminal.fail(message, hint)
        return code


def _finish_results(results: terminal.ResultStream, code: int) -> int:
    """Write what stdout still holds; returns ``code``, or another one where results were lost."""
    with suppress(OSError):
        results.flush()
    error = results.failure
    if error is None:
        return code
    terminal.silence(sys.stdout)
    if isinstance(error, BrokenPipeError):  # whoever read our output has seen enough
        return code or PIPE_CLOSED
    lost = Message("command.output_lost", reason=error.strerror or error)
    terminal.fail(str(lost), str(Message("command.output_lost.hint")))
    return code or BAD_INPUT


def _dispatch(arguments: list[str], started: argparse.Namespace) -> int:
    """Import the chosen sub-command's module only: the others need not even be importable."""
    parser = Parser(
        prog="inpaint",
        description="Remove what you mask from photos. Everything runs on your own machine.",
        epilog="“inpaint COMMAND --help” says more about one command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    chosen = next((a for a in arguments if not a.startswith("-")), None)
    there = chosen in COMMANDS
    module = importlib.import_module(f"inpaint_core.cli.commands.{chosen}") if there else None
    for name, line in COMMANDS.items():
        about = module.HELP if module is not None and name == chosen else line
        command = commands.add_parser(
            name, help=line, description=about, allow_abbrev=False, conflict_handler="resolve"
        )
        if module is not None and name == chosen:
            terminal.add_arguments(command)
            module.add_arguments(command)
    args = parser.parse_args(arguments, started)
    if args.version:
        from inpaint_core.contract.version import __version__

        print(f"inpaint {__version__}")
        return 0
    if module is None:
        parser.error("no command was given")
    if started.startup is not None and chosen in _FILLING:  # the program itself
        with _compile_beside():
            return int(module.run(args))
    return int(module.run(args))


@contextmanager
def _compile_beside() -> Iterator[None]:
    """The first time, share the work of compiling with a process that begins with what will be
    needed last.
    """
    from inpaint_core.local.compiled_record import is_all_compiled

    if is_all_compiled():
        yield
        return
    from inpaint_core.first_run.compile_process import CompileProcess

    try:
        beside = CompileProcess(in_background=False)
    except OSError:  # this process can do all of it
        yield
        return
    try:
        yield
    finally:
        beside.stop()
