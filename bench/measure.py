# SPDX-License-Identifier: Apache-2.0
"""Runs one command and measures it: wall time, processor time and the most memory it held."""

import os
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Run:
    """What one process took. Times are in seconds, memory in bytes."""

    seconds: float
    processor_seconds: float
    memory: int


class CommandFailed(RuntimeError):
    """A command ended with a status other than 0."""


def run(command, stdin=None, stdout=None, cwd=None, env=None):
    """Runs `command` (a list) to its end and returns a Run; stdin and stdout are paths or None.

    The memory is that of the process itself, not of children it may start. Raises CommandFailed with the last of
    what it wrote to standard error.
    """
    source = open(stdin, "rb") if stdin else subprocess.DEVNULL
    sink = open(stdout, "wb") if stdout else subprocess.DEVNULL
    try:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdin=source, stdout=sink, stderr=subprocess.PIPE, cwd=cwd,
            env={**os.environ, **env} if env else None)
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
    finally:
        for file in (source, sink):
            if file is not subprocess.DEVNULL:
                file.close()
    if process.returncode != 0:
        raise CommandFailed(f"{' '.join(map(str, command))}: status {process.returncode}: "
                            f"{complaint.decode(errors='replace').strip()[-300:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def machine():
    """One line about this machine, for the foot of a table."""
    name = "unknown processor"
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.lower().startswith(("model name", "cpu model")):
                    name = line.split(":", 1)[1].strip()
                    break
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, {os.uname().sysname} {os.uname().machine}"
