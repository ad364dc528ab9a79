"""Execute notebooks, each in a kernel of this very interpreter, two at a time."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from churnlab.reports.notebooks import tidy_metadata, without_widgets

CELL_SECONDS = 600
"""A cell that takes longer than this fails, seconds."""

TRACEBACK_LINES = 20
"""How many lines of a traceback a page shows, counted from its end."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page or an answer could not be made.

    Attributes
    ----------
    where
        Name of the notebook, without ending, or of the answer.
    cell
        Number of the cell, from 1, counting text cells too; None if no cell is to blame.
    error
        Kind of the error.
    message
        What it said.
    traceback
        The end of its traceback, without colours; may be empty.
    """

    where: str
    cell: int | None
    error: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        cell = "" if self.cell is None else f", cell {self.cell}"
        first = (self.message.splitlines() or [""])[0]
        return f"{self.where}{cell}: {self.error}: {first}"


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to execute.

    Attributes
    ----------
    name
        Name of the notebook, without ending.
    notebook
        The notebook, parameters set; it is not changed.
    folder
        Working folder of its kernel.
    """

    name: str
    notebook: NotebookNode
    folder: Path


@dataclass(frozen=True, slots=True)
class Execution:
    """A notebook that has been executed, to its end or to an error.

    Attributes
    ----------
    name
        Name of the notebook, without ending.
    notebook
        A copy with outputs; its metadata do not depend on the machine.
    failure
        The error that ended it, or None.
    seconds
        Duration, kernel start included.
    """

    name: str
    notebook: NotebookNode
    failure: Failure | None
    seconds: float


def execute(notebook: NotebookNode, *, folder: Path, name: str = "notebook") -> Execution:
    """Execute one notebook.

    Parameters
    ----------
    notebook
        A notebook; it is not changed.
    folder
        Working folder of the kernel.
    name
        Name to give in messages.

    Returns
    -------
    Execution
        With a failure if a cell raised, took more than `CELL_SECONDS` or ended the kernel.
    """
    return execute_all([Job(name=name, notebook=notebook, folder=folder)])[0]


def execute_all(
    jobs: Sequence[Job], *, at_once: int = 2, done: Callable[[Execution], None] | None = None
) -> tuple[Execution, ...]:
    """Execute notebooks, several at a time, each in a kernel of its own.

    Parameters
    ----------
    jobs
        What to execute.
    at_once
        How many kernels may run at the same time.
    done
        Called with each execution when it ends, in the order in which they end.

    Returns
    -------
    tuple of Execution
        In the order of `jobs`.

    Notes
    -----
    The kernels are awaited in one thread of its own, so that this works under a running event loop (such as
    Jupyter's) and an interrupt reaches the caller, who then ends the kernels.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[tuple[Execution, ...]]]] = []

    async def everything() -> tuple[Execution, ...]:
        task = asyncio.current_task()
        if task is not None:
            running.append((asyncio.get_running_loop(), task))
        return await _execute_all(jobs, at_once=at_once, done=done or _nothing)

    with ThreadPoolExecutor(1, thread_name_prefix="notebooks") as pool:
        future = pool.submit(lambda: asyncio.run(everything()))
        try:
            return future.result()
        except BaseException:
            for loop, task in running:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(task.cancel)
            raise


def warnings_of(notebook: NotebookNode) -> tuple[str, ...]:
    """Return what a notebook's cells wrote to the error stream.

    Parameters
    ----------
    notebook
        An executed notebook.

    Returns
    -------
    tuple of str
        One text for each cell that wrote any, with the number of the cell.
    """
    return tuple(
        f"cell {number}: {plain(output.text).strip()}"
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    )


def plain(text: str) -> str:
    """Return a text without the control sequences that colour a terminal.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The text.
    """
    return _COLOUR.sub("", text)


def _nothing(_: Execution) -> None:
    """Do nothing."""


async def _execute_all(
    jobs: Sequence[Job], *, at_once: int, done: Callable[[Execution], None]
) -> tuple[Execution, ...]:
    """Execute jobs behind a gate that lets `at_once` through."""
    gate = asyncio.Semaphore(at_once)

    async def one(job: Job) -> Execution:
        async with gate:
            execution = await _execute(job)
        done(execution)
        return execution

    async with asyncio.TaskGroup() as group:  # which, when cancelled, waits until every kernel has ended
        tasks = [group.create_task(one(job)) for job in jobs]
    return tuple(task.result() for task in tasks)


async def _execute(job: Job) -> Execution:
    """Execute one job in a fresh kernel, without the user's IPython profile."""
    notebook = deepcopy(job.notebook)
    tidy_metadata(notebook)
    reached = [0]
    failure = None
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="churnlab-", ignore_cleanup_errors=True) as own:
        client = _client(notebook, own=Path(own), reached=reached)
        try:
            await client.async_execute(cwd=str(job.folder), env=_environment(own))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failure = _failure(job.name, notebook, error, cell=reached[0] + 1)
        except RuntimeError as error:  # raised while a kernel starts
            failure = Failure(job.name, None, "Kernel did not start", str(error))
    tidy_metadata(notebook)
    without_widgets(notebook)
    return Execution(job.name, notebook, failure, time.perf_counter() - begin)


def _client(notebook: NotebookNode, *, own: Path, reached: list[int]) -> NotebookClient:
    """Prepare a client whose kernel is this interpreter's, and which notes the cell that it has reached.

    A kernel specification named python3 in the user's home may start another interpreter, so none is looked
    for: with no folder to look in, the one that remains is that of the running interpreter. Messages go through
    sockets in a folder of its owner where the system has them, so that no port is opened.
    """

    def note(*, cell: NotebookNode, cell_index: int) -> None:
        del cell
        reached[0] = cell_index

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        allow_errors=False,
        record_timing=False,
        coalesce_streams=True,
        shutdown_kernel="immediate",
        on_cell_execute=note,
    )
    manager = client.create_kernel_manager()
    manager.kernel_spec_manager.kernel_dirs = []
    manager.connection_file = str(own / "kernel.json")
    manager.transport = "ipc" if os.name == "posix" else "tcp"
    return client


def _environment(profile: str) -> dict[str, str]:
    """Return the environment of a kernel: no profile of the user, one thread for each sum."""
    fixed = {"IPYTHONDIR": profile, "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    threads = {name: os.environ.get(name, "1") for name in _ONE_THREAD}
    return {**os.environ, **threads, **fixed}


def _failure(name: str, notebook: NotebookNode, error: Exception, *, cell: int) -> Failure:
    """Describe the error that ended a notebook."""
    if not isinstance(error, CellExecutionError):
        kind = "Timeout" if isinstance(error, CellTimeoutError) else "Kernel ended"
        said = (
            f"the cell took more than {CELL_SECONDS} seconds"
            if isinstance(error, CellTimeoutError)
            else "the kernel ended before the cell did, most often for want of memory"
        )
        return Failure(name, cell, kind, said)
    lines: list[str] = []
    for output in notebook.cells[cell - 1].get("outputs", []):
        if output.output_type == "error":
            lines = plain("\n".join(output.traceback)).splitlines()
    return Failure(name, cell, error.ename, plain(error.evalue), "\n".join(lines[-TRACEBACK_LINES:]))
