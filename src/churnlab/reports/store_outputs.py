"""Re-execute the notebooks in place and store their outputs.

``python -m churnlab.reports.store_outputs FOLDER [NAME]`` does so for a folder, or for one notebook in it by name or
number. Storing twice gives the same bytes: no times, no version of the interpreter, one layout.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from churnlab.reports.execution import Execution, Job, execute_all
from churnlab.reports.folder import UsageError
from churnlab.reports.notebooks import choose, read


def store_outputs(folder: Path, only: str | None = None) -> tuple[Execution, ...]:
    """Execute the notebooks of a folder with their own parameters, and store the outputs in them.

    Parameters
    ----------
    folder
        Folder of the notebooks, which is also their working folder.
    only
        Name or number of the one notebook to execute; None for all.

    Returns
    -------
    tuple of Execution
        In reading order. A notebook that failed is left as it was.

    Raises
    ------
    churnlab.reports.folder.UsageError
        If `only` names no notebook.
    """
    paths = choose(only, folder=folder)
    jobs = [Job(path.stem, _emptied(read(path)), folder) for path in paths]
    executions = execute_all(jobs)
    for path, execution in zip(paths, executions, strict=True):
        if execution.failure is None:
            _store(path, execution.notebook)
    return executions


def main(arguments: list[str]) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        The folder of the notebooks, and the name or number of one if not all are meant.

    Returns
    -------
    int
        Exit code: 0, 1 if a notebook failed, 2 for wrong use.
    """
    if len(arguments) not in (1, 2) or not Path(arguments[0]).is_dir():
        print("usage: python -m churnlab.reports.store_outputs FOLDER_OF_NOTEBOOKS [NAME]", file=sys.stderr)
        return 2
    try:
        executions = store_outputs(Path(arguments[0]), *arguments[1:])
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    failures = [execution.failure for execution in executions if execution.failure]
    for failure in failures:
        print(f"{failure}\n{failure.traceback}", file=sys.stderr)
    return 1 if failures else 0


def _emptied(notebook: NotebookNode) -> NotebookNode:
    """Take the stored outputs out of a notebook."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _store(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook with one-space indents and sorted keys, replacing the file when it is complete."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    file = Path(unfinished)
    file.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    file.chmod(path.stat().st_mode)
    file.replace(path)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
