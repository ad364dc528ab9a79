"""The whole report of a dataset: study, answers, notebooks, pages, results, run record."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode

import churnlab
from churnlab import answers
from churnlab.answers import Study
from churnlab.answers.counter_offers import keep_offers
from churnlab.answers.language import SOURCE, Language, LanguageError, open_language
from churnlab.answers.study import cache_folder
from churnlab.reports.dossiers import dossier_pages, files_by_label
from churnlab.reports.execution import TRACEBACK_LINES, Execution, Failure, Job, execute_all, warnings_of
from churnlab.reports.folder import RECORD, UsageError, check_replaceable, replacing
from churnlab.reports.fragments import RenderError
from churnlab.reports.glossary import WORDS, glossary_page
from churnlab.reports.kept import carry_over, check_since, left_out, read_earlier
from churnlab.reports.lookup import lookup_file, write_lookup
from churnlab.reports.notebooks import (
    SUMMARY,
    Literal,
    ParameterError,
    choose,
    has_truth,
    parameters_cell,
    read,
    title,
    with_parameters,
    with_truth,
    without_truth_source,
)
from churnlab.reports.record import ReportResult, record
from churnlab.reports.render import Entry, Site, render, render_failure
from churnlab.reports.workbook import ACTIONS, write_actions
from churnlab.tables import MappingError, counts_by_rule, findings_frame

Progress = Callable[[str, int, int], None]
"""Called with what has been done, how many steps are done, and of how many."""


def report(  # noqa: PLR0913 -- one an option of the command
    data: str | Path,
    out: Path,
    *,
    mapping: Path | None = None,
    as_of: str | None = None,
    only: str | None = None,
    names: bool = False,
    since: Path | None = None,
    seed: int = 1,
    lang: str = SOURCE,
    progress: Progress | None = None,
) -> ReportResult:
    """Make the report of a dataset.

    Parameters
    ----------
    data
        What holds the orders, as `churnlab.tables.load` takes it.
    out
        Folder to write; an earlier report there is replaced when the new one is complete.
    mapping
        Mapping file; None takes the one in the dataset, if there.
    as_of
        Cut-off date as YYYY-MM-DD; None takes the day after the last order.
    only
        Name or number of the one notebook to show; the results of all answers are then left out, but for forecasts that
        an earlier report in `out` kept.
    names
        Show clients' names and ids in place of codes.
    since
        Folder of an earlier report whose forecasts are compared and graded, beside those that lie in `out`.
    seed
        Seed of every draw.
    lang
        Language of the summary and the workbook; the other pages are in English.
    progress
        Told of each step that is done.

    Returns
    -------
    ReportResult
        Status, pages, files, failures, sentences and findings. If the findings forbid a model, nothing is
        written.

    Raises
    ------
    UsageError
        If `as_of`, `only`, `since`, `lang` or `out` cannot be used as given.
    churnlab.tables.DataError
        If orders cannot be had from the data.
    churnlab.tables.MappingError
        If the mapping file holds mistakes.
    """
    paths, spoken = _check(data, out, mapping=mapping, as_of=as_of, only=only), _language(lang)
    run = _Run(total=2 + len(paths) + (0 if only else len(answers.QUESTIONS)), progress=progress)
    with run.step("read the data"):
        earlier = read_earlier(out, since=since)
        study = _study(data, mapping=mapping, as_of=as_of, seed=seed, names=names, earlier=earlier, progress=run.within)
        if since is not None:
            check_since(since, study)
        run.warnings.extend(left_out(out, earlier, study))
        keep_offers(study, data, mapping)
    result = replace(_begin(study, out, seed=seed), lang=lang)
    if study.tables.forbids_model:
        return replace(result, status="no model", durations=run.seconds)
    if only is None:
        _answer(study, run)
    shown: dict[str, Literal] = {"data": _shown(data), "as_of": as_of, "seed": seed}
    made_up = as_of is None and study.lookup is None and has_truth(Path(data))
    truth = Path(data).resolve() if made_up else None
    sheets = _sheets(study, spoken, run) if only is None else ()
    site = _site(study, str(shown["data"]), names=names, workbook=ACTIONS if sheets else "", language=spoken)
    pages = _pages(study, paths, shown=shown, truth=truth, site=site, whole=only is None, run=run)
    with run.step("write the report"), replacing(out) as folder:
        for file, html in pages.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(html, encoding="utf-8", newline="\n")
        sentences = _write_results(study, folder, spoken, run=run) if only is None else ()
        if sheets:
            about = (*_about(site), *answers.action_notes(study, spoken))
            write_actions(folder / ACTIONS, sheets, about=about, language=spoken)
        if not (folder / "results").exists():
            carry_over(out, folder, study)
        shown_first = tuple(file for file in pages if "/" not in file)
        result = _end(result, study, folder, pages=shown_first, sentences=sentences, run=run)
        (folder / RECORD).write_text(record(result), encoding="utf-8", newline="\n")
    if study.lookup is not None:
        write_lookup(study.lookup, lookup_file(out))
    return result


@dataclass(slots=True)
class _Run:
    """What a run notes as it goes: steps done, seconds, failures, warnings."""

    total: int
    progress: Progress | None
    done: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time a step and tell of it when it is done."""
        begin = time.perf_counter()
        yield
        self.tell(what, time.perf_counter() - begin)

    def within(self, what: str, done: int, total: int) -> None:
        """Tell of a part of a step."""
        if self.progress is not None:
            self.progress(f"{what} ({done + 1} of {total})", self.done, self.total)

    def tell(self, what: str, seconds: float) -> None:
        """Note that a step is done."""
        self.done += 1
        self.seconds[what] = seconds
        if self.progress is not None:
            self.progress(what, self.done, self.total)


def _check(
    data: str | Path, out: Path, *, mapping: Path | None, as_of: str | None, only: str | None
) -> tuple[Path, ...]:
    """Refuse what cannot be used before anything is computed; return the notebooks to show."""
    if as_of is not None:
        try:
            date.fromisoformat(as_of)
        except ValueError:
            message = f"expected a date such as 2025-03-31 as the cut-off, got {as_of!r}"
            raise UsageError(message) from None
    check_replaceable(out, inputs=(Path(data),) if mapping is None else (Path(data), mapping))
    return choose(only)


def _language(lang: str) -> Language:
    """Open the language asked for; one that is not there is wrong use."""
    try:
        return open_language(lang)
    except LanguageError as error:
        raise UsageError(str(error)) from error


def _study(
    data: str | Path,
    *,
    mapping: Path | None,
    as_of: str | None,
    seed: int,
    names: bool,
    earlier: pd.DataFrame | None,
    progress: Progress,
) -> Study:
    """Prepare the study; a cut-off that leaves no order is wrong use."""
    try:
        return answers.prepare(
            data, mapping=mapping, as_of=as_of, seed=seed, names=names, earlier=earlier, progress=progress
        )
    except MappingError:
        raise
    except ValueError as error:
        if as_of is None:
            raise
        raise UsageError(str(error)) from error


def _begin(study: Study, out: Path, *, seed: int) -> ReportResult:
    """Return the result as far as it is known once the data are read."""
    findings = counts_by_rule(study.tables).groupby("rule", sort=True)["count"].sum()
    kept = study.tables.reconciliation.set_index("table")["rows_kept"]
    return ReportResult(
        status="fine",
        out=out,
        as_of=study.as_of.date().isoformat(),
        seed=seed,
        fingerprint=study.tables.fingerprint,
        findings={str(rule): int(count) for rule, count in findings.items()},
        counts={str(table): int(rows) for table, rows in kept.items()},
    )


def _answer(study: Study, run: _Run) -> None:
    """Compute every answer once; the notebooks then find them in the study."""
    for question in answers.QUESTIONS:
        name = question.__name__
        with run.step(f"answer {name}"):
            try:
                study.ask(question)
            except Exception as error:  # whatever an answer raises, the other pages are still made
                lines = "\n".join(traceback.format_exc().splitlines()[-TRACEBACK_LINES:])
                failure = Failure(f"answer {name}", None, type(error).__name__, str(error), lines)
                run.failures.append(_nowhere(failure))


def _pages(
    study: Study,
    paths: tuple[Path, ...],
    *,
    shown: dict[str, Literal],
    truth: Path | None,
    site: Site,
    whole: bool,
    run: _Run,
) -> dict[str, str]:
    """Execute the notebooks and make a page of each, and of clients for a whole report; return HTML by file."""
    notebooks = {path.stem: with_truth(read(path), truth) for path in paths}
    entries = tuple(Entry(name, _file(name), title(notebook) or name) for name, notebook in notebooks.items())
    site = replace(site, entries=tuple(sorted(entries, key=lambda entry: entry.name != SUMMARY)))
    executions = _execute(study, notebooks, shown=shown, lang=site.language.code, run=run)
    beside: dict[str, str] = {}
    if whole:
        site, beside = _clients(study, replace(site, words=WORDS), run)
        beside = {**beside, WORDS: glossary_page(site)}
    return {entry.file: _page(entry, executions[entry.name], site=site, run=run) for entry in site.entries} | beside


def _site(study: Study, data: str, *, names: bool, workbook: str, language: Language) -> Site:
    """Lay out what all pages share, before any page is known."""
    return Site(
        entries=(),
        source=Path(data).resolve().name,
        fingerprint=study.tables.fingerprint,
        as_of=study.as_of.date().isoformat(),
        seed=study.seed,
        version=churnlab.__version__,
        names=names,
        workbook=workbook,
        language=language,
    )


def _sheets(study: Study, language: Language, run: _Run) -> tuple[answers.Sheet, ...]:
    """Lay out the workbook of actions; nothing if that fails."""
    if answers.whom_to_call not in answers.QUESTIONS:
        return ()
    try:
        return answers.action_sheets(study, language)
    except Exception as error:  # the pages are worth having without the workbook
        run.failures.append(_nowhere(Failure(ACTIONS, None, type(error).__name__, str(error))))
        return ()


def _about(site: Site) -> tuple[str, ...]:
    """Say on the first sheet what the workbook is of."""
    say, day = site.language.say, site.language.day(pd.Timestamp(site.as_of))
    made = {"version": site.version, "seed": site.seed, "data": site.fingerprint[:12]}
    return (
        say("What to do, from {source} as of {day}", source=site.source, day=day),
        say("Made by churnlab {version}, seed {seed}; data {data}.", **made),
        say("To make it again: {command}", command=site.command),
        say("Intervals are of 95 % where nothing else is said. The data dictionary says what every column holds."),
    )


def _clients(study: Study, site: Site, run: _Run) -> tuple[Site, dict[str, str]]:
    """Make the pages of single clients, and let the others link to them; without any if that fails."""
    if answers.client_dossiers not in answers.QUESTIONS:
        return site, {}
    try:
        found = study.ask(answers.client_dossiers)
        linked = replace(site, dossiers=files_by_label(found, study.label, study.tables.orders["client_id"]))
        return linked, dossier_pages(found, study, linked)
    except Exception as error:  # the other pages are worth having without those of single clients
        run.failures.append(_nowhere(Failure("clients", None, type(error).__name__, str(error))))
        return site, {}


def _execute(
    study: Study, notebooks: dict[str, NotebookNode], *, shown: dict[str, Literal], lang: str, run: _Run
) -> dict[str, Execution | Failure]:
    """Execute each notebook on the study, and put the values as the user gave them into what is shown."""
    given = {**shown, "data": str(study.folder), "as_of": study.as_of.date().isoformat()}
    own: dict[str, dict[str, Literal]] = {SUMMARY: {"lang": lang}} if lang != SOURCE else {}
    ended: dict[str, Execution | Failure] = {}
    jobs = []
    folder = Path(tempfile.mkdtemp(prefix="churnlab-"))
    for name, notebook in notebooks.items():
        try:
            jobs.append(Job(name, with_parameters(notebook, given | own.get(name, {})), folder))
        except ParameterError as error:
            ended[name] = Failure(name, None, "ParameterError", str(error))
            run.tell(f"notebook {name}", 0.0)
    try:
        for execution in execute_all(jobs, done=lambda one: run.tell(f"notebook {one.name}", one.seconds)):
            without_truth_source(execution.notebook)
            cell = parameters_cell(execution.notebook)
            as_given = with_parameters(notebooks[execution.name], shown | own.get(execution.name, {}))
            execution.notebook.cells[cell].source = as_given.cells[cell].source
            ended[execution.name] = _without_path(execution, path=str(study.folder), shown=str(shown["data"]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ended


def _without_path(execution: Execution, *, path: str, shown: str) -> Execution:
    """Replace the cache's folder in the words of a failure by what the user called the data."""
    failure = execution.failure
    if failure is None:
        return execution
    said = failure.message.replace(path, shown)
    return replace(execution, failure=replace(failure, message=said, traceback=failure.traceback.replace(path, shown)))


def _nowhere(failure: Failure) -> Failure:
    """Say nothing of where things lie on this machine."""
    return replace(failure, message=_without_folders(failure.message), traceback=_without_folders(failure.traceback))


def _without_folders(text: str) -> str:
    """Shorten the folders of this machine that a traceback or warning may name."""
    package = Path(churnlab.__file__).resolve().parent
    folders = {str(place) for place in (package.parent, sys.prefix, sys.base_prefix, cache_folder(), Path.home())}
    for folder in sorted({*folders, tempfile.gettempdir(), str(Path.cwd())}, key=len, reverse=True):
        text = text.replace(folder, "...") if len(folder) > 1 else text
    return text


def _page(entry: Entry, ended: Execution | Failure, *, site: Site, run: _Run) -> str:
    """Make the page of one notebook, or the page that says why there is none."""
    failure = ended if isinstance(ended, Failure) else ended.failure
    if isinstance(ended, Execution) and failure is None:
        run.warnings.extend(_without_folders(f"{entry.name}, {text}") for text in warnings_of(ended.notebook))
        try:
            return render(ended.notebook, name=entry.name, site=site)
        except RenderError as error:
            failure = Failure(entry.name, error.cell, "RenderError", str(error))
    if failure is None:
        message = f"notebook {entry.name} ended without a page and without a failure"
        raise RuntimeError(message)
    failure = _nowhere(failure)
    run.failures.append(failure)
    return render_failure(failure, name=entry.name, site=site)


def _results(study: Study, language: Language) -> tuple[tuple[str, ...], dict[str, pd.DataFrame]]:
    """Return the sentences of the summary, and the result tables by name."""
    summary = answers.summarise(study, language)
    return summary.sentences, {"findings": findings_frame(study.tables), **summary.results}


def _write_results(study: Study, folder: Path, language: Language, *, run: _Run) -> tuple[str, ...]:
    """Write the result tables as Parquet; return the sentences of the summary."""
    try:
        sentences, results = _results(study, language)
    except Exception as error:  # the pages are worth having without the result tables
        run.failures.append(_nowhere(Failure("results", None, type(error).__name__, str(error))))
        return ()
    (folder / "results").mkdir()
    for name, frame in results.items():
        frame.to_parquet(folder / "results" / f"{name}.parquet", index=False)
    return tuple(sentences)


def _end(
    result: ReportResult,
    study: Study,
    folder: Path,
    *,
    pages: tuple[str, ...],
    sentences: tuple[str, ...],
    run: _Run,
) -> ReportResult:
    """Complete the result with what was written and what failed."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    codes = () if study.lookup is None else (f"../{lookup_file(result.out).name}",)
    return replace(
        result,
        status="failed" if run.failures else "fine",
        pages=pages,
        files=(*files, RECORD, *codes),
        failures=tuple(run.failures),
        warnings=tuple(run.warnings),
        sentences=sentences,
        durations=dict(run.seconds),
    )


def _file(name: str) -> str:
    """Return the file of a notebook's page."""
    return "index.html" if name == SUMMARY else f"{name}.html"


def _shown(data: str | Path) -> str:
    """Return what pages call the data: the path as given, or only the folder's name if it is absolute."""
    path = Path(data)
    return path.name if path.is_absolute() else path.as_posix()
