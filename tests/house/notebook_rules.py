"""Rules that every committed notebook keeps; each gives the problems that it sees."""

import ast
import re
import statistics

from nbformat import NotebookNode

ENDING = ("Recap", "What could be wrong", "Next")
ENDING_OF = {"What should we know, and whom should we call?": ("What we cannot say, and what could be wrong",)}
"""The summary is read in three minutes: it has no recap, and every page lists the others."""

MACHINE_PATH = re.compile(r"/(?:home|root|tmp|Users|work)/|[A-Z]:\\\\")


def problems(notebook: NotebookNode) -> list[str]:
    """Everything that is wrong with a notebook, in words."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        *_outputs(code),
        *_code(code),
        *_text(notebook),
        *_figures(code),
        *(["a path of this machine"] if MACHINE_PATH.search(str(notebook)) else []),
    ]


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _outputs(code: list[NotebookNode]) -> list[str]:
    quiet = {"imports", "parameters"}
    stripped = [cell.id for cell in code if not cell.outputs and not quiet & set(_tags(cell))]
    failed = [cell.id for cell in code for output in cell.outputs if output.output_type == "error"]
    return [f"no stored output: {cell}" for cell in stripped] + [f"stored error: {cell}" for cell in failed]


def _code(code: list[NotebookNode]) -> list[str]:
    found = []
    for cell in code:
        tree = ast.parse(cell.source)
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in ast.walk(tree)):
            found.append(f"defines a function or class: {cell.id}")
        imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
        if imports and "imports" not in _tags(cell):
            found.append(f"imports outside the imports cell: {cell.id}")
        if len(cell.source.splitlines()) > 15:
            found.append(f"more than fifteen lines: {cell.id}")
    tags = [tag for cell in code for tag in _tags(cell)]
    found += [f"not exactly one cell tagged {tag}" for tag in ("imports", "parameters") if tags.count(tag) != 1]
    if statistics.median(len(cell.source.splitlines()) for cell in code) > 7:
        found.append("code cells are too long")
    return found


def _text(notebook: NotebookNode) -> list[str]:
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    titles = re.findall(r"^# (.+)$", words, flags=re.MULTILINE)
    found = [] if len(titles) == 1 and titles[0].endswith("?") else ["the title is not one question"]
    ending = ENDING_OF.get(titles[0] if titles else "", ENDING)
    return found + [f"no section {name}" for name in ending if f"## {name}" not in words]


def _figures(code: list[NotebookNode]) -> list[str]:
    found = []
    for cell in code:
        for output in cell.outputs:
            pictures = {kind for kind in output.get("data", {}) if kind.startswith("image/")}
            described = all(output.metadata.get(kind, {}).get("alt", "").strip() for kind in pictures)
            if not described:
                found.append(f"a figure without alt text: {cell.id}")
    return found
