"""Pages of single clients: one a dossier, and a list of them, in a folder beside the other pages."""

import html
from collections import Counter
from xml.etree.ElementTree import Element

import pandas as pd

from churnlab.answers import DossiersAnswer, Study
from churnlab.answers.dossier import LISTED, Dossier, Label, summary_row
from churnlab.plots import client_history
from churnlab.reports import show
from churnlab.reports.drawings import framed, inline
from churnlab.reports.fragments import dress_tables, link_clients, parse, write
from churnlab.reports.render import DOSSIERS, Entry, Section, Site, render_client

_LIST = "index.html"
_TITLE = "Clients one by one"


def files_by_label(found: DossiersAnswer, label: Label, everyone: "pd.Series[str]") -> dict[str, str]:
    """Say which page is whose, by what pages call the client.

    Parameters
    ----------
    found : DossiersAnswer
        The dossiers.
    label : callable
        What pages call a client.
    everyone : Series of str
        Every client, so that a name borne by two of them leads nowhere.

    Returns
    -------
    dict of str to str
        File in the folder of dossiers by label; named by code, never by what the data call a client.
    """
    borne = Counter(label(client) for client in everyone.unique())
    named = zip(found.clients["client_id"], found.clients["code"], strict=True)
    return {label(client): _file(code) for client, code in named if borne[label(client)] == 1}


def dossier_pages(found: DossiersAnswer, study: Study, site: Site) -> dict[str, str]:
    """Make the page of every dossier, and the list of them.

    Parameters
    ----------
    found : DossiersAnswer
        The dossiers.
    study : Study
        The study that they are of.
    site : Site
        What the pages of the report share.

    Returns
    -------
    dict of str to str
        HTML by file, relative to the report.
    """
    dossiers = list(found.each())
    entries = [Entry(one.code, _file(one.code), study.label(one.client_id)) for one in dossiers]
    listed = Entry(DOSSIERS, _LIST, _TITLE)
    around = [listed, *entries, None]
    pages = {_LIST: render_client(listed, (_list(dossiers, study.label, site),), site=site, steps=(None, around[1]))}
    for place, (entry, one) in enumerate(zip(entries, dossiers, strict=True)):
        steps = (around[place], around[place + 2])
        pages[entry.file] = render_client(entry, _sections(one, study.label, site), site=site, steps=steps)
    return {f"{DOSSIERS}/{file}": page for file, page in pages.items()}


def _file(code: str) -> str:
    return f"{code}.html"


def _list(dossiers: list[Dossier], label: Label, site: Site) -> Section:
    """The list of dossiers, the largest client first."""
    source = dossiers[0].source
    names = ["client", "stands today", "sales of its last year", "risk", "months still to stay", "value"]
    frame = pd.DataFrame([summary_row(one, label) for one in dossiers], columns=names)
    caption = (
        f"{len(frame)} of {source.clients} clients, the largest first: those that stand first by sales of the year up "
        f"to their last order, or by risk of {source.called.doing} within {source.horizon_months} months; value of "
        f"{source.value_months} months with chance; 95 % ranges"
    )
    return _section("", [show.table(frame, caption=caption)], site)


def _sections(one: Dossier, label: Label, site: Site) -> tuple[Section, ...]:
    """Sections of one client's page."""
    return tuple(
        _section(title, [part for part in parts if part is not None], site)
        for title, parts in (
            (
                "",
                (show.answer([one.headline]), None if one.away else show.tiles(one.figures), _facts(one, label, site)),
            ),
            ("What waits", (_matters(one),)),
            ("Orders and scores", (_history(one),)),
            ("What goes with its risk", (show.paragraphs(one.risk_sentences), _pushes(one))),
            ("Failures, and how they were handled", (show.paragraphs([one.failures_sentence]), _failures(one))),
            ("Calls, visits, greetings", (show.paragraphs([one.touches_sentence]), _touches(one))),
            ("Contacts and dates", (show.paragraphs([one.contacts_sentence]), _dates(one))),
            (
                f"Similar clients who {one.source.called.did}",
                (show.paragraphs([one.similar_sentence]), _similar(one, label)),
            ),
        )
    )


def _section(title: str, parts: list[show.Markup | Element], site: Site) -> Section:
    """Pass pieces through the gate that every piece of a page passes."""
    whole = Element("div")
    for part in parts:
        whole.append(part if isinstance(part, Element) else parse(part.html))
    dress_tables(whole)
    link_clients(whole, files=site.dossiers)
    return Section(title, write(whole))


def _facts(one: Dossier, label: Label, site: Site) -> show.Markup:
    facts = one.facts(label)
    told = {name: html.escape(text) for name, text in facts.items()}
    if file := site.dossiers.get(facts.get("group", "")):
        told["group"] = f'<a href="{file}">{told["group"]}</a>'
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{text}</dd>" for name, text in told.items())
    return show.Markup(f'<dl class="facts">{rows}</dl>', "\n".join(f"{name}: {text}" for name, text in facts.items()))


def _matters(one: Dossier) -> show.Markup:
    said = one.matters_said
    return show.points(said) if said else show.paragraphs(["Nothing waits, as far as the tables tell."])


def _history(one: Dossier) -> Element:
    source = one.source
    drawing = client_history(
        one.months,
        one.scores,
        one.failures,
        span=(source.records_start.replace(day=1), source.as_of),
        orders=int(one.row["orders"]),
        title=one.history_title,
    )
    return framed(inline(drawing, prefix="f1-"), alt=one.history_sentence, words=f"Figure 1. {one.history_sentence}")


def _pushes(one: Dossier) -> show.Markup | None:
    if one.away or one.pushes.empty:
        return None
    return show.table(one.pushes_table(), caption="What goes with a higher or lower risk; without ranges")


def _failures(one: Dossier) -> show.Markup | None:
    if one.failures.empty:
        return None
    shown = min(LISTED, len(one.failures))
    return show.table(one.failures_table(), caption=f"The latest {shown} of {len(one.failures)} failures")


def _touches(one: Dossier) -> show.Markup | None:
    if one.touches.empty:
        return None
    shown = min(LISTED, len(one.touches))
    return show.table(one.touches_table(), caption=f"The latest {shown} of {len(one.touches)}")


def _dates(one: Dossier) -> show.Markup | None:
    frame = one.dates_table()
    return None if frame.empty else show.table(frame, caption="Birthdays and anniversaries, the next first")


def _similar(one: Dossier, label: Label) -> show.Markup | None:
    if one.similar.empty:
        return None
    return show.table(one.similar_table(label), caption=f"The {len(one.similar)} nearest, the most alike first")
