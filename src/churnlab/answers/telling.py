"""Says in JupyterLab what is being computed, while it is computed; nowhere else."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

IN_A_SESSION = "JPY_SESSION_NAME"
"""Jupyter's server sets this variable for the kernel of a notebook that somebody has opened."""


_WIDTH = 72


@contextmanager
def told(question: str) -> Iterator[None]:
    """Say that a question is being answered, and afterwards how long that took.

    In JupyterLab alone: whatever executes notebooks without a reader, such as a test or a report, gets no line.

    Parameters
    ----------
    question : str
        Name of the function that answers.
    """
    if not os.environ.get(IN_A_SESSION):
        yield
        return
    what = question.replace("_", " ")
    began = time.perf_counter()
    _write(f"Answering: {what} ...", end="")
    yield
    _write(f"Answered: {what}, {time.perf_counter() - began:.0f} s.", end="\n")


def _write(line: str, *, end: str) -> None:
    """Write over the line that stands there: one question asks others."""
    sys.stdout.write(f"\r{line:<{_WIDTH}}{end}")
    sys.stdout.flush()
