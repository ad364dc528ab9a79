"""Who is key, by which marks, who looks after them, and are they treated like everybody else?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.accounts import Attention, attention, claims_beyond_chance, first_takers, potential
from churnlab.accounts.marks import INNOVATORS
from churnlab.answers.account_book import YEAR, Book, account_book, purchase_counts
from churnlab.answers.language import Language
from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval, listed, percent, shortened
from churnlab.lifetime import Estimate

VOLUME: Final = 0.1
"""A client with a larger share of the sales of the company, of a line, or of its manager is key by volume."""

POTENTIAL: Final = 2.0
"""A client is key by potential if it buys so many times as much from anyone, and that would be key by volume here."""

REFERRALS: Final = 3
"""Who has brought so many clients is a name to refer to, flagged or not; the number is ours."""

LEAST_TAKERS: Final = 20
"""A new line has to be taken up by so many clients before the first of them count as innovators."""

MOST_KEY: Final = 3
"""Key places of a manager, by the trade's rule of thumb."""

SMALL: Final = 0.001
"""A client with a smaller share of all sales counts as small."""

MANY_SMALL: Final = 10
"""A manager of key clients should not have more small ones beside them; the number is ours."""

APART: Final = 2.0
"""Contacts so many times as many, or as few, would not be alike: an interval that holds them tells nothing; ours."""

BY_SALES: Final = f"over {percent(VOLUME)} of all sales"
BY_LINE: Final = f"over {percent(VOLUME)} of a line"
BY_MANAGER: Final = f"over {percent(VOLUME)} of its manager's sales"
BY_VOLUME: Final = (BY_SALES, BY_LINE, BY_MANAGER)

FLAGS: Final = {"is_reference": "a name to refer to", "is_innovator": "innovator", "is_demanding": "demanding"}
_SOURCES: Final = {
    "a name to refer to": "referred_by",
    "innovator": "product_line",
    "demanding": "claim",
}


@dataclass(frozen=True, slots=True, eq=False)
class KeyAnswer:
    """Key clients and their care.

    Attributes
    ----------
    clients : int
        Clients or groups that bought in the last 365 days.
    key : DataFrame
        ``group``, ``share`` (of all sales), ``marks`` (in words), ``by_volume``, ``manager_id`` (of its largest client;
        missing where not known), ``undedicated`` (why nobody is dedicated to it; empty where somebody is): groups with
        a mark, by falling share.
    marks : DataFrame
        ``mark``, ``found`` (groups with it by data), ``flagged`` (by the clients table; -1 where there is no such
        column), ``groups`` (by either).
    unmarked : tuple of str
        Columns that would have told more marks.
    managers : DataFrame
        ``manager_id``, ``clients``, ``key``, ``by_volume``, ``small``, ``share`` (of all sales), ``over`` (why the
        manager is over the rule, else empty), by falling share; empty where nothing names a manager.
    attention : Attention or None
        Contacts a client; None where none are noted.
    contacts : DataFrame
        ``who`` (key, others), ``clients``, ``contacts``, ``sales``: of the last 365 days.
    """

    clients: int
    key: pd.DataFrame
    marks: pd.DataFrame
    unmarked: tuple[str, ...]
    managers: pd.DataFrame
    attention: Attention | None
    contacts: pd.DataFrame

    @property
    def key_sentences(self) -> tuple[str, ...]:
        """How many are key, and which marks could not be looked at."""
        if not self.clients:
            return ("Who is key we cannot say: nothing was sold in the last 12 months.",)
        volume = self.key[self.key["by_volume"]]
        said = [
            f"None of {count(self.clients)} clients bears a mark of a key client."
            if self.key.empty
            else f"{count(len(self.key))} of {count(self.clients)} clients bear at least one mark of a key client, "
            f"{count(len(volume))} of them by volume; together they have {percent(self.key['share'].sum())} of sales."
        ]
        if self.unmarked:
            said.append(f"Not looked at, because the columns are missing: {listed(list(self.unmarked))}.")
        return tuple(said)

    def undedicated_in(self, language: Language) -> list[str]:
        """Say in a language why nobody is dedicated to each of `key`; empty where somebody is."""
        over = {row["manager_id"]: row for row in self.managers.to_dict("records") if row["over"]}
        said = []
        for manager in self.key["manager_id"]:
            if not isinstance(manager, str):
                said.append(language.say("no manager"))
            elif manager in over:
                row = over[manager]
                said.append(_over_in(language, shortened(manager), int(row["by_volume"]), int(row["small"])))
            else:
                said.append("")
        return said

    @property
    def places_sentence(self) -> str:
        """Who has more key clients than places."""
        if self.managers.empty:
            return "Who looks after whom we cannot say: neither clients nor orders name a manager."
        over = self.managers[self.managers["over"] != ""]
        named = [f"{shortened(row['manager_id'])} ({row['over']})" for row in over.to_dict("records")]
        return (
            f"{count(len(self.managers))} manager{'s' if len(self.managers) > 1 else ''} with {MOST_KEY} key places "
            f"each: over the rule (at most {MOST_KEY} key clients by volume, and not beside more than {MANY_SMALL} "
            f"small ones): {listed(named) if named else 'nobody'}. By any mark the key clients would need "
            f"{count(np.ceil(len(self.key) / MOST_KEY))} managers."
        )

    @property
    def dedicated_sentence(self) -> str:
        """Which key clients by volume have nobody of their own."""
        if self.managers.empty:
            return "Whether key clients have a manager of their own we cannot say: nothing names a manager."
        volume = self.key[self.key["by_volume"]]
        without = volume[volume["undedicated"] != ""]
        if without.empty:
            return f"All {count(len(volume))} key clients by volume have a manager within the rule."
        return (
            f"{count(len(without))} of {count(len(volume))} key clients by volume, with "
            f"{percent(without['share'].sum())} of sales, have no manager who keeps within the rule."
        )

    @property
    def attention_sentence(self) -> str:
        """Whether key clients are treated like everybody."""
        found = self.attention
        if found is None:
            return "Whether all clients are treated alike we cannot say: no contacts are noted."
        if found.verdict == "cannot tell":
            return "Whether all clients are treated alike we cannot say: too few key clients, or contacts, are known."
        ratio = interval(found.ratio, decimal)
        a_million = self._for_money(found)
        stake = f"{found.stake:.1f} times the sales"
        if found.verdict == "more":
            return (
                f"Key clients by volume get {ratio} times the contacts of the others, with {stake} a client. "
                f"{a_million}"
            )
        if found.verdict == "less":
            return (
                f"Key clients by volume get less: {ratio} times the contacts of the others, though each has {stake}. "
                f"{a_million}"
            )
        if found.ratio.high >= APART or found.ratio.low <= 1 / APART:
            return (
                f"Whether key clients by volume are treated like the others we cannot tell: they get {ratio} times the "
                f"contacts, with {stake} a client, and that may be {APART:g} times as many or as few. {a_million}"
            )
        return (
            f"Treated alike: key clients by volume get {ratio} times the contacts of the others, though each has "
            f"{stake}. {a_million}"
        )

    def _for_money(self, found: Attention) -> str:
        """Contacts for the money at stake: sales of the year are known, so that the ratio errs as that of contacts."""
        rates = 1e6 * self.contacts["contacts"] / self.contacts["sales"]
        said = f"A million of sales gets {rates.iloc[0]:.1f} contacts a year with them, {rates.iloc[1]:.1f} elsewhere"
        if not found.stake > 0:
            return f"{said}."
        ratio = Estimate(*(end / found.stake for end in (found.ratio.value, found.ratio.low, found.ratio.high)))
        verdict = "more for the money" if ratio.low > 1 else "whether that is less or more we cannot tell"
        verdict = "less for the money" if ratio.high < 1 else verdict
        return f"{said}: {interval(ratio, decimal)} times as many, {verdict}."

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (*self.key_sentences, self.places_sentence, self.dedicated_sentence, self.attention_sentence)


def who_is_key(study: Study) -> KeyAnswer:
    """Mark key clients, and look at who looks after them.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    KeyAnswer

    Notes
    -----
    Volume and potential are counted. A name to refer to, an innovator and a demanding client are what the clients table
    flags, and beside it what data show: who brought at least three clients; who was among the first 2.5 % to take up a
    line that came after the records' first year; who makes more claims than chance explains. Places are counted by
    volume alone, since the other marks rest on judgement.
    """
    book = account_book(study)
    flagged, found = _flagged(study, book), _found(study, book)
    index = book.groups["group"]
    marks = [mark for mark in (*BY_VOLUME, "potential", *FLAGS.values()) if mark in flagged or mark in found]
    table = pd.DataFrame(index=index)
    for mark in marks:
        borne = [
            side[mark].reindex(index, fill_value=False).to_numpy(bool) for side in (flagged, found) if mark in side
        ]
        table[mark] = np.logical_or.reduce(borne)
    said = ["; ".join(name for name, borne in zip(marks, row, strict=True) if borne) for row in table.to_numpy()]
    by_volume = table[[name for name in BY_VOLUME if name in table]].any(axis=1)
    frame = pd.DataFrame({"group": index, "share": book.groups["sales"] / book.groups["sales"].sum(), "marks": said})
    frame["by_volume"] = by_volume.to_numpy(dtype=bool)
    frame["manager_id"] = frame["group"].map(book.clients.groupby("group")["manager_id"].first()).astype("str")
    frame = frame[frame["marks"] != ""].reset_index(drop=True)
    managers = _managers(book, frame)
    over = managers.set_index("manager_id")["over"] if len(managers) else pd.Series(dtype="str")
    frame["undedicated"] = _undedicated(frame["manager_id"], over)
    compared, contacts = _contacts(study, book, by_volume)
    return KeyAnswer(
        clients=len(book.groups),
        key=frame,
        marks=_counted(flagged, found, table),
        unmarked=_unmarked(study, book),
        managers=managers,
        attention=compared,
        contacts=contacts,
    )


def over_the_rule(key: int, small: int) -> str:
    """Say why a manager is over the rule of thumb; empty where it is not.

    Examples
    --------
    >>> over_the_rule(3, 0), over_the_rule(4, 0), over_the_rule(1, 11)
    ('', '4 key clients', '1 key beside 11 small')
    """
    if key > MOST_KEY:
        return f"{key} key clients"
    return f"{key} key beside {small} small" if key and small > MANY_SMALL else ""


def _over_in(language: Language, manager: str, key: int, small: int) -> str:
    if key > MOST_KEY:
        return language.say("{manager} has {key} key clients", manager=manager, key=language.count(key))
    return language.say_many(
        "{manager} has {number} key beside {small} small",
        "{manager} has {number} key beside {small} small",
        key,
        manager=manager,
        small=language.count(small),
    )


def _flagged(study: Study, book: Book) -> "dict[str, pd.Series[bool]]":
    """Marks that the clients table flags, by group."""
    clients = study.tables.clients
    if clients is None:
        return {}
    known = clients.set_index("client_id")
    return {
        words: _any(book, known[column].fillna(value=False).astype(bool))
        for column, words in FLAGS.items()
        if column in known
    }


def _found(study: Study, book: Book) -> "dict[str, pd.Series[bool]]":
    """Marks that are seen in data, by group."""
    clients, groups = study.tables.clients, book.groups.set_index("group")
    by_manager, of_manager = _manager_sales(book)
    marks = {BY_SALES: groups["sales"] > VOLUME * groups["sales"].sum()}
    if len(by_manager):
        marks[BY_MANAGER] = by_manager > VOLUME
    if "product_line" in book.orders:
        year = book.orders[book.orders["order_date"] >= study.as_of - YEAR]
        lines = year.groupby(["product_line", "group"], observed=True)["amount"].sum().clip(lower=0.0)
        part = lines / lines.groupby(level=0, observed=True).transform("sum")
        marks[BY_LINE] = part.groupby(level=1).max() > VOLUME
        marks["innovator"] = _first_takers(book.orders)
    if clients is not None and "potential_amount" in clients:
        known = clients.set_index("client_id")["potential_amount"]
        anyone = book.clients["client_id"].map(known).groupby(book.clients["group"]).sum().reindex(groups.index)
        large = np.fmin(VOLUME * groups["sales"].sum(), VOLUME * of_manager.reindex(groups.index).to_numpy())
        marks["potential"] = pd.Series(
            potential(groups["sales"], anyone, times=POTENTIAL, large=large), index=groups.index
        )
    if clients is not None and "referred_by" in clients:
        brought = clients["referred_by"].dropna().value_counts()
        marks["a name to refer to"] = _any(book, brought >= REFERRALS)
    if "claim" in book.orders:
        counts = purchase_counts(book.orders)
        named = claims_beyond_chance(counts["claims"], counts["purchases"])
        marks["demanding"] = _any(book, pd.Series(named, index=counts.index))
    return marks


def _any(book: Book, client: "pd.Series[bool]") -> "pd.Series[bool]":
    """Whether any client of a group has a mark."""
    return book.clients["client_id"].map(client).eq(other=True).groupby(book.clients["group"]).any()


def _first_takers(orders: pd.DataFrame) -> "pd.Series[bool]":
    """Groups that were among the first to take up a line that came after the records' first year."""
    sold = orders[orders["kind"] == "sale"].dropna(subset="product_line")
    first = sold.groupby(["product_line", "group"], observed=True)["order_date"].min().reset_index()
    begins = first.groupby("product_line", observed=True)["order_date"].transform("min")
    new = first[begins > orders["order_date"].min() + YEAR]
    named = pd.Series(data=False, index=pd.Index(sold["group"].unique()))
    for _, takers in new.groupby("product_line", observed=True):
        if len(takers) >= LEAST_TAKERS:
            days = (takers["order_date"] - takers["order_date"].min()).dt.days
            named[takers.loc[first_takers(days, share=INNOVATORS), "group"]] = True
    return named


def _manager_sales(book: Book) -> "tuple[pd.Series[float], pd.Series[float]]":
    """By group: its largest share of a manager's sales, and all sales of the manager of its largest client."""
    led = book.clients.dropna(subset="manager_id")
    totals = led.groupby("manager_id")["sales"].sum().where(lambda sums: sums > 0)
    parts = led.groupby(["group", "manager_id"], as_index=False)["sales"].sum()
    parts["share"] = parts["sales"] / parts["manager_id"].map(totals).astype("float64")
    main = led.groupby("group")["manager_id"].first().map(totals).astype("float64")
    return parts.groupby("group")["share"].max(), main


def _counted(
    flagged: "dict[str, pd.Series[bool]]", found: "dict[str, pd.Series[bool]]", table: pd.DataFrame
) -> pd.DataFrame:
    """How many groups bear each mark, and by what."""
    rows = [
        (
            mark,
            int(found[mark].reindex(table.index, fill_value=False).sum()) if mark in found else -1,
            int(flagged[mark].reindex(table.index, fill_value=False).sum()) if mark in flagged else -1,
            int(table[mark].sum()),
        )
        for mark in table
    ]
    return pd.DataFrame(rows, columns=["mark", "found", "flagged", "groups"])


def _unmarked(study: Study, book: Book) -> tuple[str, ...]:
    """Columns that would have told more."""
    clients = study.tables.clients
    there = {*book.orders.columns, *(clients.columns if clients is not None else ())}
    if book.clients["manager_id"].isna().all():
        there.discard("manager_id")
    wanted = ("manager_id", "product_line", "potential_amount")
    marks = [f"{flag} or {_SOURCES[words]}" for flag, words in FLAGS.items() if not {flag, _SOURCES[words]} & there]
    return (*(name for name in wanted if name not in there), *marks)


def _managers(book: Book, key: pd.DataFrame) -> pd.DataFrame:
    """Clients, key and small ones, and sales of each manager."""
    columns = ["manager_id", "clients", "key", "by_volume", "small", "share", "over"]
    led = book.clients.dropna(subset="manager_id")
    if led.empty:
        return pd.DataFrame({name: [] for name in columns})
    total = book.clients["sales"].sum()
    frame = led.groupby("manager_id").agg(clients=("client_id", "size"), share=("sales", "sum"))
    frame["share"] /= total
    volume = key[key["by_volume"]]
    for name, some in (("key", key), ("by_volume", volume)):
        frame[name] = led[led["group"].isin(some["group"])].groupby("manager_id")["group"].nunique()
    frame["small"] = led[led["sales"] < SMALL * total].groupby("manager_id").size()
    frame[["key", "by_volume", "small"]] = frame[["key", "by_volume", "small"]].fillna(0).astype(int)
    frame["over"] = [
        over_the_rule(int(key), int(small)) for key, small in zip(frame["by_volume"], frame["small"], strict=True)
    ]
    frame = frame.reset_index().sort_values(["share", "manager_id"], ascending=[False, True])
    return frame[columns].reset_index(drop=True)


def _undedicated(manager: "pd.Series[str]", over: "pd.Series[str]") -> list[str]:
    """Why nobody is dedicated to a client; empty where somebody is."""
    said = []
    for name in manager:
        reason = over.get(name, "") if isinstance(name, str) else ""
        said.append("no manager" if not isinstance(name, str) else f"{shortened(name)} has {reason}" if reason else "")
    return said


def _contacts(study: Study, book: Book, by_volume: "pd.Series[bool]") -> tuple[Attention | None, pd.DataFrame]:
    """Contacts of the last year with key clients by volume and with the others."""
    columns = ["who", "clients", "contacts", "sales"]
    touches = study.tables.touches
    if touches is None or touches.empty or not len(book.groups):
        return None, pd.DataFrame({name: [] for name in columns})
    recent = touches[touches["date"] >= study.as_of - YEAR]
    made = book.clients["client_id"].map(recent["client_id"].value_counts()).fillna(0)
    by_group = made.groupby(book.clients["group"]).sum().reindex(book.groups["group"]).to_numpy(dtype=np.float64)
    sales, marked = book.groups["sales"].to_numpy(dtype=np.float64), by_volume.to_numpy(dtype=bool)
    rows = [
        (who, int(some.sum()), int(by_group[some].sum()), float(sales[some].sum()))
        for who, some in (("key by volume", marked), ("others", ~marked))
    ]
    return attention(by_group, sales, marked), pd.DataFrame(rows, columns=columns)
