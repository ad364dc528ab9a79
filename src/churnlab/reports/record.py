"""What a run of the suite gave, in memory and as ``run.json``."""

from __future__ import annotations

import json
import platform
import re
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import churnlab
from churnlab.reports.execution import Failure

Status = Literal["fine", "failed", "no model"]

_EXIT = {"fine": 0, "failed": 1, "no model": 3}


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What a run of the suite gave.

    Attributes
    ----------
    status
        ``fine``; ``failed`` if an answer or a page failed, the others being written; ``no model`` if the
        findings forbid one and nothing was written.
    out
        Folder of the report.
    as_of
        Cut-off date in ISO form.
    seed
        Seed of every draw.
    lang
        Language of the summary and the workbook.
    fingerprint
        Hash of the data.
    pages
        Names of the pages' files, in reading order.
    files
        Every file written, relative to `out`; the look-up of codes beside it begins with ``../``.
    failures
        What failed.
    warnings
        What notebooks wrote to the error stream.
    sentences
        The sentences of the summary.
    findings
        How often each rule of the checks was met.
    counts
        Rows kept of each table.
    durations
        Seconds of each step.
    """

    status: Status
    out: Path
    as_of: str
    seed: int
    fingerprint: str
    lang: str = "en"
    pages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    findings: dict[str, int] | None = None
    counts: dict[str, int] | None = None
    durations: dict[str, float] | None = None

    @property
    def exit_code(self) -> int:
        """Return the exit code of a command that ends so: 0, 1 or 3."""
        return _EXIT[self.status]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {
            "status": self.status,
            "as_of": self.as_of,
            "seed": self.seed,
            "lang": self.lang,
            "fingerprint": self.fingerprint,
            "findings": self.findings or {},
            "counts": self.counts or {},
            "headline": list(self.sentences),
            "pages": list(self.pages),
            "files": list(self.files),
            "failures": [asdict(failure) for failure in self.failures],
            "warnings": list(self.warnings),
            "durations": {step: round(seconds, 3) for step, seconds in (self.durations or {}).items()},
        }


def record(result: ReportResult) -> str:
    """Return the text of ``run.json``.

    Parameters
    ----------
    result
        What the run gave.

    Returns
    -------
    str
        JSON with the result, the version, and the versions of Python and of the packages that churnlab
        stands on. No other file of a report may differ between two runs of the same command.
    """
    content = {
        "made_by": "churnlab",
        "version": churnlab.__version__,
        "python": platform.python_version(),
        "packages": _packages(),
        **result.as_dict(),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _packages() -> dict[str, str]:
    """Return the installed version of each package that churnlab requires."""
    required = (line for line in metadata.requires("churnlab") or () if "extra ==" not in line)
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0] for line in required})
    return {name: metadata.version(name) for name in names}
