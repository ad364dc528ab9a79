"""What a caller should have at hand: last contact, failures nobody spoke of, days to congratulate, and the topic."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from churnlab.answers.follow_up import FOLLOWING, LOOKED_BACK_MONTHS
from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.rated import factor_names
from churnlab.answers.study import Study
from churnlab.answers.words import shortened

DAYS_AHEAD: Final = 30

PRAISED: Final = 9.0
"""A factor scored so high is no topic, though it be the client's weakest."""


def next_anniversary(date: "pd.Series[pd.Timestamp]", *, as_of: pd.Timestamp) -> "pd.Series[pd.Timestamp]":
    """Day on which a date comes round next, the day itself included.

    Parameters
    ----------
    date : Series of Timestamp, shape (n,)
        Days; may be missing.
    as_of : Timestamp
        From which day on.

    Returns
    -------
    Series of Timestamp, shape (n,)
        Of a 29 February the 28th, in years without one. Missing where the date is, or does not lie in an earlier year.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["1964-02-29", "1980-01-05"]))
    >>> [str(each.date()) for each in next_anniversary(born, as_of=pd.Timestamp("2026-01-10"))]
    ['2026-02-28', '2027-01-05']
    """
    here = _in_year(date, pd.Series(as_of.year, index=date.index))
    year = here.dt.year.where(here >= as_of.normalize(), as_of.year + 1)
    return _in_year(date, year.fillna(as_of.year).astype("int64")).where(date.dt.year < year)


def _in_year(date: "pd.Series[pd.Timestamp]", year: "pd.Series[int]") -> "pd.Series[pd.Timestamp]":
    known = date.notna()
    leaps = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    number = date.dt.day.where(~((date.dt.month == 2) & (date.dt.day == 29) & ~leaps), 28)
    parts = pd.DataFrame({"year": year, "month": date.dt.month, "day": number})[known].astype("int64")
    return pd.to_datetime(parts).reindex(date.index)


def coming_days(study: Study, language: Language = ENGLISH) -> "pd.Series[str]":
    """Occasions of the next days, by client, in words and in the order in which they come.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    language : Language
        Of the words.

    Returns
    -------
    Series of str
        By client; clients without any are left out. Birthdays are known only where names are shown.
    """
    clients, contacts = study.tables.clients, study.tables.contacts
    found = [_of_clients(_first_deals(study), language.say("first deal"), study)]
    if clients is not None and "contract_date" in clients:
        found.append(_of_clients(clients.set_index("client_id")["contract_date"], language.say("contract"), study))
    if contacts is not None and {"name", "birthday"} <= set(contacts.columns):
        born = contacts.dropna(subset=["birthday"]).reset_index(drop=True)
        names = born["name"].fillna(language.say("a contact"))
        whose = names.map(lambda name: language.say("birthday of {name}", name=shortened(name, 40)))
        found.append(_within(born["client_id"], born["birthday"], whose, study, years=False))
    rows = pd.concat(found, ignore_index=True)
    rows["words"] = [_worded(row, language) for row in rows.to_dict("records")]
    return rows.sort_values(["day", "words"], kind="stable").groupby("client_id")["words"].agg("; ".join)


def last_contacts(study: Study) -> pd.DataFrame:
    """Last call or visit of each client: ``date`` and ``kind``, by client; empty where touches are not recorded."""
    touches = study.tables.touches
    if touches is None:
        return pd.DataFrame({"date": pd.to_datetime([]), "kind": pd.Series([], dtype="str")}, index=pd.Index([]))
    spoken = touches[touches["kind"].isin(FOLLOWING)].sort_values("date", kind="stable")
    return spoken.groupby("client_id")[["date", "kind"]].last()


def unspoken_failures(study: Study) -> "pd.Series[int]":
    """Failures of the last 12 months after which nobody called or visited, by client; all of them without touches."""
    failures = study.tables.failures
    if failures is None:
        return pd.Series(dtype="int64")
    late = failures[failures["date"] >= study.as_of - pd.DateOffset(months=LOOKED_BACK_MONTHS)]
    spoken = late["client_id"].map(last_contacts(study)["date"])
    alone = late[~(spoken >= late["date"])]
    return alone.groupby("client_id")["date"].size()


def weakest_factor(study: Study) -> pd.DataFrame:
    """Factor with the lowest score in each client's last rated answer of the last 12 months: ``factor``, ``score``.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        By client; clients without such an answer, or with nothing below ``PRAISED`` in it, are left out. Of equals the
        first column counts.
    """
    surveys, names = study.tables.surveys, factor_names(study.tables.surveys)
    if surveys is None or not names:
        return pd.DataFrame({"factor": pd.Series([], dtype="str"), "score": pd.Series([], dtype="float64")})
    given = surveys[surveys["survey_date"] >= study.as_of - pd.DateOffset(months=LOOKED_BACK_MONTHS)]
    given = given.dropna(subset=names, how="all").sort_values("survey_date", kind="stable")
    last = given.drop_duplicates("client_id", keep="last").set_index("client_id")[names]
    score = last.min(axis="columns")
    frame = pd.DataFrame({"factor": last.idxmin(axis="columns").astype("str"), "score": score})
    return frame[score < PRAISED]


def _first_deals(study: Study) -> "pd.Series[pd.Timestamp]":
    """First deal of each client: by the clients table, else the first order if the records did not begin with it."""
    lives, clients = study.lives(), study.tables.clients
    first = lives.frame[lives.frame["life"] == 1].set_index("client_id")
    waited = (first["first_order"] - lives.records_start).dt.days
    known = first["first_order"].where(waited >= first["limit_days"])
    if clients is None or "start_date" not in clients:
        return known
    said = clients.set_index("client_id")["start_date"]
    return said.reindex(said.index.union(known.index)).fillna(known)


def _of_clients(date: "pd.Series[pd.Timestamp]", what: str, study: Study) -> pd.DataFrame:
    given = date.dropna()
    whose = pd.Series(given.index, dtype="str")
    return _within(whose, given.reset_index(drop=True), pd.Series(what, index=whose.index), study, years=True)


def _within(
    client: "pd.Series[str]", date: "pd.Series[pd.Timestamp]", what: "pd.Series[str]", study: Study, *, years: bool
) -> pd.DataFrame:
    """Occasions that come round within the next days."""
    comes = next_anniversary(date, as_of=study.as_of)
    near = comes < study.as_of + pd.Timedelta(days=DAYS_AHEAD)
    passed = (comes.dt.year - date.dt.year)[near].to_numpy() if years else 0
    return pd.DataFrame(
        {"client_id": client[near].to_numpy(), "day": comes[near].to_numpy(), "what": what[near].to_numpy()}
    ).assign(years=passed)


def _worded(row: Mapping[Any, Any], language: Language) -> str:
    """Say what comes on which day, and how many years have passed where that is told."""
    when = language.day(row["day"])
    if not row["years"]:
        return language.say("{what} on {day}", what=row["what"], day=when)
    return language.say_many(
        "{what} on {day} ({number} year)",
        "{what} on {day} ({number} years)",
        int(row["years"]),
        what=row["what"],
        day=when,
    )
