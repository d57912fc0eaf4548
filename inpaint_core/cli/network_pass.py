"""``inpaint benchmark --network``: one pass of a network, from the start of a process on."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from inpaint_core.cli.interruption import show_progress
from inpaint_core.cli.terminal import complain

POLL = 0.2
_PROBE = "inpaint_core.lab.evaluation.network_probe"


def measure(args: argparse.Namespace) -> int:
    """Measure in a fresh process, print, write. 0 when it worked, 1 when the process failed."""
    from inpaint_core.cli.report import write_report
    from inpaint_core.networks.store.entries import find_entry

    find_entry(args.network)
    order = json.dumps({"weights": args.network, "repeat": args.repeat})
    with (
        show_progress(args.quiet) as (_, progress),
        subprocess.Popen(
            [sys.executable, "-m", _PROBE, order], stdout=subprocess.PIPE, text=True
        ) as child,
    ):
        try:
            while child.poll() is None:
                progress.check()
                time.sleep(POLL)
            out = child.stdout.read() if child.stdout is not None else ""
        finally:
            child.kill()
    if child.returncode != 0:
        complain(f"The process ended with code {child.returncode}.")
        return 1
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    if not args.quiet:
        print(_format(args.network, answer))
    if args.json is not None:
        write_report(args.json, "benchmark", {"network": args.network, **answer})
    return 0


def _format(weights: str, answer: dict[str, Any]) -> str:
    def show(name: str) -> str:
        return "{seconds:7.3f} s, {processor:7.3f} s of processor time".format(**answer[name])

    side, floor, quiet = answer["side"], answer["floor"], answer["quiet"]
    return "\n".join(
        [
            f"{weights}: a pass over {side}x{side} pixels in {answer['kind']}, "
            f"{answer['threads']} threads",
            f"import torch      {show('imported')}",
            f"load              {show('loaded')}",
            f"first pass        {show('first')}",
            f"pass              {show('quiet')}",
            f"floor             {show('floor')} ({answer['products']} products)",
            f"beside a process  {show('busy')}",
            f"pass / floor = {quiet['seconds'] / floor['seconds']:.2f} on the clock, "
            f"{quiet['processor'] / floor['processor']:.2f} of the processor; "
            f"busy / quiet = {answer['busy']['seconds'] / quiet['seconds']:.2f}",
        ]
    )
