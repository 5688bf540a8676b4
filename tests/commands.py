"""Commands of the project, run as a person runs them, or in the test's own process where starting one tests nothing."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from unittest.mock import patch

from threadpoolctl import threadpool_limits

ROOT: Final = Path(__file__).parent.parent
TIMEOUT_SECONDS: Final = 600


def run(*command: str, without: Sequence[str] = (), **environment: str) -> "subprocess.CompletedProcess[str]":
    """`python COMMAND` in the project, with warnings as errors, and as if some modules were not installed."""
    options = ["-W", "error"]
    if without:
        blocked = "".join(f"sys.modules[{name!r}] = None; " for name in without)
        module, *arguments = command[1:]
        code = f"import runpy, sys; {blocked}sys.argv[1:] = {arguments!r}; "
        command = ("-c", f"{code}runpy.run_module({module!r}, run_name='__main__')")
    return subprocess.run(
        [sys.executable, *options, *command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def printed(*command: str, **environment: str) -> str:
    """What a command that ends well prints."""
    done = run(*command, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ended_here(main: Callable[[], None], *arguments: str) -> tuple[object, str]:
    """With what a program's `main` ends, given these arguments (a status, a last line, None), and what it prints."""
    output = io.StringIO()
    with patch.object(sys, "argv", ["program", *arguments]), contextlib.redirect_stdout(output):
        try:
            main()
        except SystemExit as end:
            return end.code, output.getvalue()
    return None, output.getvalue()


def printed_here(main: Callable[[], None], *arguments: str) -> str:
    """What a program's `main` prints, which ends well."""
    end, output = ended_here(main, *arguments)
    assert end is None, end
    return output


def trained(main: Callable[[], None], *arguments: str) -> str:
    """What a training prints: in this process, where the data sets are read once for all trainings, and in it alone."""
    with patch.dict(os.environ, LOKY_MAX_CPU_COUNT="1"), threadpool_limits(1):
        return printed_here(main, *arguments)


def cells(row: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
