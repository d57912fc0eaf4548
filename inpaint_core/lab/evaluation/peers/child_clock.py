"""Runs a program and says how long it took and how much memory; standard library only.

    python child_clock.py PROGRAM [ARGUMENT...]

One JSON object on stdout: “code”, “seconds”, “processor” (seconds of it and of the processes that
it started and waited for) and “peak” (bytes of the largest of these), the last two None where the
system does not tell; “said”: the end of what it printed. It is a program of its own because the
largest size of a process counts its parent's memory from the time before it was started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

_SAID = 2000  # bytes


def _main(command: list[str]) -> None:
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        processor = peak = None
        if sys.platform == "win32":
            code = child.wait()
        else:
            _, status, usage = os.wait4(child.pid, 0)
            code = child.returncode = os.waitstatus_to_exitcode(status)
            processor = usage.ru_utime + usage.ru_stime
            # macOS counts bytes, others KiB.
            peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        seconds = time.perf_counter() - began
        said.seek(max(0, said.seek(0, os.SEEK_END) - _SAID))
        text = said.read().decode("utf-8", "replace")
    answer = {"code": code, "seconds": seconds, "processor": processor, "peak": peak, "said": text}
    print(json.dumps(answer))


if __name__ == "__main__":
    _main(sys.argv[1:])
