"""The command ``journeykit``: from an event log to a scored map without writing Python."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those of the process.

    Returns
    -------
    int
        0 fine; 1 findings, differences or conflicts; 2 wrong usage or input, said in one line on stderr; 130 after
        Ctrl-C; 141 when the reader of a pipe is gone.
    """
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if "--no-color" in given:
        os.environ["NO_COLOR"] = "1"
    try:
        code = _run(given)
    except KeyboardInterrupt:  # also while modules are loaded
        code = 130
    if code == 130:  # typer turns Ctrl-C into its own exit
        sys.stderr.write("journeykit: stopped\n")
    return code


def _run(given: list[str]) -> int:
    from journeykit import Error
    from journeykit.cli.output import ReaderGoneError, complain

    try:
        from journeykit.cli.commands import app

        code = app(args=given, prog_name="journeykit", standalone_mode=False)
        sys.stdout.flush()
    except Error as refused:
        complain(str(refused))
        return 2
    except (BrokenPipeError, ReaderGoneError):
        _give_up_stdout()
        return 141
    except OSError as refused:  # a full disk behind stdout
        _give_up_stdout()
        complain(f"cannot write: {refused.strerror}; the output is not whole")
        return 2
    except Exception as refused:
        if not hasattr(refused, "format_message"):  # typer's usage errors; their class moved between its versions
            raise
        complain(f"{refused.format_message()} (see journeykit --help)")
        return 2
    return code or 0


def _give_up_stdout() -> None:
    """Keeps the interpreter from flushing into it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
