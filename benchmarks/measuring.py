"""Runs pieces of work in processes of their own, here and in the environments of peers, and stores what they took.

A benchmark is a list of tasks. A task has runs: ours first, then the peers on the same data. Each is repeated in fresh
processes, one BLAS thread each. The work's own CPU seconds are taken inside the process, those of the whole process,
imports included, and its peak memory from the system as it ends. What is stored in ``results/`` is what
``page.py`` makes docs/benchmarks.md of. Only the standard library is imported here: a child's peak memory is never
below its parent's.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
REPETITIONS = 3
LONGEST = 1800
"""Seconds after which a run is given up."""

PEERS = {
    "greenwood": ("greenwood", "pandas"),
    "lifelines": ("lifelines", "pandas<3"),
    "lifetimes": ("lifetimes==0.11.3", "pandas<3", "pyarrow", "setuptools<81"),
    "mesa": ("mesa", "SALib"),
    "pymc-marketing": ("pymc-marketing",),
    "scikit-survival": ("scikit-survival",),
    "statsforecast": ("statsforecast",),
    "statsmodels": ("statsmodels",),
}
"""Environments of peers, and what is put into each: the newest that the Python at hand can have."""

_HEAD = """
import json, sys, warnings
from time import process_time as clock
warnings.simplefilter("ignore")
file, again, spent = sys.argv[1], int(sys.argv[2]), []
def timed(work):
    for _ in range(again):
        start = clock()
        found = work()
        spent.append(clock() - start)
    return found
"""

_TAIL = """
from importlib.metadata import PackageNotFoundError, version
def versions():
    for name in json.loads(sys.argv[3]):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            pass
found = [float(each) for each in found]
print(json.dumps({"used": sorted(spent)[len(spent) // 2], "found": found, "versions": dict(versions())}))
"""

_NAMED = (*PEERS, "SALib", "numpy", "scipy", "pandas", "scikit-learn", "duckdb", "pymc")


@dataclass(frozen=True, slots=True)
class Run:
    """One way to do a task.

    Attributes
    ----------
    who : str
        What does it.
    code : str
        Program text: reads ``file``, calls ``timed`` on a function of nothing, and leaves numbers in ``found``.
    peer : str
        Environment of :data:`PEERS`; empty for the project's own.
    again : int
        Repetitions within a process, of which the median counts: for what takes less than a second.
    scale : float
        How many times the work measured makes the task.
    note : str
        What has to be known to read the figures.
    ours : bool
        Whether it is this project's.
    """

    who: str
    code: str
    peer: str = ""
    again: int = 1
    scale: float = 1.0
    note: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Work that is done in several ways.

    Attributes
    ----------
    what : str
        What is asked.
    short : str
        The same in few letters, for a figure.
    runs : tuple of Run
        Ours first.
    data : str
        Name of the data it reads.
    compared : str
        What the numbers in ``found`` are; empty if they are not to be compared.
    better : str
        ``equal`` where they should agree, ``low`` or ``high`` where they are a grade.
    apart : float
        Largest difference of grades that is none.
    digits : int
        Decimals of a grade.
    """

    what: str
    short: str
    runs: tuple[Run, ...]
    data: str = ""
    compared: str = ""
    better: str = "equal"
    apart: float = 0.0
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Data:
    """Program text that writes a file of data, and the environment it needs."""

    code: str
    peer: str = ""


class NotInstalledError(RuntimeError):
    """A peer's environment could not be made."""


def python_of(peer: str) -> str:
    """Give the Python that has a peer, after making its environment under ``.bench/`` where it is not there."""
    if not peer:
        return sys.executable
    folder, wanted = ROOT / ".bench" / peer, " ".join(PEERS[peer])
    python, ready = folder / ("Scripts" if os.name == "nt" else "bin") / "python", folder / "ready"
    if ready.is_file() and ready.read_text(encoding="utf-8").strip() == wanted:
        return str(python)
    print(f"  {peer}: its environment is made", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS[peer]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalledError(f"did not install: {_reason(done.stderr)}")
    ready.write_text(wanted, encoding="utf-8")
    return str(python)


def _reason(told: str) -> str:
    """Last line of what a process said, without addresses and folders."""
    lines = [line for line in told.strip().splitlines() if line.strip()] or ["no reason given"]
    said = next((line for line in lines if line.startswith("ERROR:")), lines[-1])
    return re.sub(r"\S*(://|/|\\)\S*", "...", said.removeprefix("ERROR:")).strip()[:160]


def _environment(peer: str) -> dict[str, str]:
    """One BLAS thread, the kernels that the processor calls for, and none of our folders for a peer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    if peer:
        kept.pop("PYTHONPATH", None)
    return kept | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def child(python: str, code: str, *given: str, peer: str = "") -> tuple[str, float, float]:
    """Run program text in a process of its own.

    Returns
    -------
    told : str
        What it printed.
    cpu : float
        CPU seconds of the process, of the user and of the system.
    peak : float
        Peak memory, MB.

    Raises
    ------
    RuntimeError
        If it fails, with the last line of what it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        command = [python, "-W", "ignore", "-c", code, *given]
        process = subprocess.Popen(command, stdout=out, stderr=err, env=_environment(peer))
        try:
            used = _waited(process)
        except TimeoutError:
            process.kill()
            process.wait()
            raise RuntimeError(f"was given up after {LONGEST // 60} minutes") from None
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise RuntimeError(f"failed: {_reason(err.read())}")
        unit = 1e6 if sys.platform == "darwin" else 1e3
        return out.read(), used.ru_utime + used.ru_stime, used.ru_maxrss / unit


def _waited(process: subprocess.Popen[bytes]) -> Any:
    """What the system says of a process that ended."""
    end = time.monotonic() + LONGEST
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return used
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)


def measure(run: Run, file: str, *, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Measure one run in several processes.

    Returns
    -------
    dict
        ``who``, ``ours``, ``peer``, ``scale``, ``note``; ``cpu``, ``whole`` (CPU seconds, a number for each process),
        ``peak`` (MB), ``found``, ``versions``; or ``failed`` with the reason.
    """
    stored: dict[str, Any] = {"who": run.who, "ours": run.ours, "peer": run.peer, "scale": run.scale, "note": run.note}
    told, whole, peak = [], [], []
    try:
        python = python_of(run.peer)
        for _ in range(repetitions):
            given = (file, str(run.again), json.dumps(_NAMED))
            printed, cpu, memory = child(python, _HEAD + run.code + _TAIL, *given, peer=run.peer)
            told.append(json.loads(printed.splitlines()[-1]))
            whole.append(round(cpu, 3))
            peak.append(round(memory, 1))
    except RuntimeError as reason:
        return stored | {"failed": str(reason)}
    used = [float(f"{each['used']:.4g}") for each in told]
    found = [float(f"{each:.12g}") for each in told[0]["found"]]
    return stored | {"cpu": used, "whole": whole, "peak": peak, "found": found, "versions": told[0]["versions"]}


def benchmark(
    name: str, title: str, tasks: Sequence[Task], data: dict[str, Data] | None = None, *, remark: str = ""
) -> None:
    """Measure all tasks, print a line for each run, and store the results.

    Parameters
    ----------
    name : str
        Of the file in ``results/``.
    title : str
        What is measured.
    tasks : sequence of Task
        The tasks.
    data : dict of str to Data, optional
        What they read, by name; written once.
    remark : str
        What has to be known to read the table.
    """
    begun, load, stored = time.monotonic(), os.getloadavg()[0], []
    with tempfile.TemporaryDirectory() as folder:
        written = {}
        for task in tasks:
            print(task.what, flush=True)
            runs = []
            for run in task.runs:
                try:
                    file = _made(task.data, data or {}, Path(folder), written)
                    runs.append(measure(run, file))
                except RuntimeError as reason:
                    runs.append({"who": run.who, "ours": run.ours, "peer": run.peer, "failed": f"no data: {reason}"})
                print(f"  {told(runs[-1])}", flush=True)
            kept = {name: getattr(task, name) for name in ("what", "short", "compared", "better", "apart", "digits")}
            stored.append(kept | {"runs": runs})
    store(name, {"title": title, "remark": remark, "tasks": stored}, begun=begun, load=load)


def _made(name: str, data: dict[str, Data], folder: Path, written: dict[str, str]) -> str:
    if name and name not in written:
        file = folder / name
        peer = data[name].peer
        child(python_of(peer), f"import sys\nfile = sys.argv[1]\n{data[name].code}", str(file), peer=peer)
        written[name] = str(file)
    return written.get(name, "")


def told(run: dict[str, Any]) -> str:
    """Word a stored run in a line."""
    if "failed" in run:
        return f"{run['who']}: {run['failed']}"
    middle = {name: sorted(run[name])[len(run[name]) // 2] for name in ("cpu", "whole", "peak")}
    found = ", ".join(f"{each:.6g}" for each in run["found"][:6])
    return (
        f"{run['who']}: {middle['cpu'] * run['scale']:.4g} CPU s (process {middle['whole']:.1f}), "
        f"{middle['peak']:.0f} MB; {found}"
    )


def store(name: str, results: dict[str, Any], *, begun: float, load: float) -> None:
    """Write results with the machine they were measured on and the minutes they took.

    Parameters
    ----------
    name : str
        Of the file.
    results : dict
        What was measured.
    begun, load : float
        Clock and load of the machine at the start.
    """
    took = round((time.monotonic() - begun) / 60, 1)
    busy = [round(load, 1), round(os.getloadavg()[0], 1)]
    day = datetime.now(tz=UTC).date().isoformat()
    whole = {"machine": machine(), "measured_on": day, "minutes": took, "load": busy} | results
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    flat = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda part: "[" + re.sub(r"\s+", " ", part[1]) + "]", text)
    (RESULTS / f"{name}.json").write_text(flat + "\n", encoding="utf-8", newline="\n")
    print(f"results/{name}.json is written: {took} minutes", flush=True)


def machine() -> dict[str, str | int]:
    """What it is measured on: cores, processor, memory in GB, system and Python."""
    processor = platform.processor() or platform.machine()
    cpu, memory = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if cpu.is_file():
        named = re.search(r"model name\s*:\s*(.+)", cpu.read_text(encoding="utf-8"))
        processor = named[1].strip() if named else processor
    size = re.search(r"MemTotal:\s*(\d+)", memory.read_text(encoding="utf-8")) if memory.is_file() else None
    return {
        "cores": os.cpu_count() or 0,
        "processor": processor,
        "memory_gb": round(int(size[1]) / 1e6) if size else 0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
