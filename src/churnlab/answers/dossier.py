"""One client in words and tables: what is known of it, what is expected, what waits, and how sure that is."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from churnlab.answers.called import Called
from churnlab.answers.plain import factor, plainer
from churnlab.answers.ranges import span
from churnlab.answers.summary import Figure
from churnlab.answers.words import compact, count, day, decimal, interval, money, months, percent, shortened
from churnlab.lifetime import Estimate
from churnlab.risk import HAZARD

PARTS: Final = ("months", "scores", "pushes", "failures", "touches", "matters", "contacts", "similar")
"""Frames of a dossier."""

LISTED = 8
"""Rows of failures and touches that a dossier lists, the latest."""

_SMALL_PUSH = 0.015
_DASH = "\N{EN DASH}"
_HANDLED: Final = {"open": "told to the client", "silent": "not told"}
_AWAY = ("left", "closed")
_YEAR = pd.Timedelta(days=365)

Label = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Source:
    """What the dossiers of a report share.

    Attributes
    ----------
    as_of : Timestamp
        Day on which the study stands.
    records_start : Timestamp
        First order of the records.
    clients : int
        Clients that ever bought.
    horizon_months : int
        Horizon of the risk.
    called : Called
        How it is called when a client stops ordering.
    speaks : str
        Model whose risk it is; ``"nobody"`` where none speaks.
    usual : float
        Risk of the usual client by the hazard, share; NaN where reasons are not known.
    near_months : int
        Months of the remaining lifetime that rest on clients' own risk.
    value_months : int
        Months that value counts.
    unit : str
        What value counts.
    missing : tuple of str
        Tables that are not there.
    coded : bool
        Whether clients stand as codes, and so without people's names.
    """

    as_of: pd.Timestamp
    records_start: pd.Timestamp
    clients: int
    horizon_months: int
    called: Called
    speaks: str
    usual: float
    near_months: int
    value_months: int
    unit: str
    missing: tuple[str, ...]
    coded: bool


@dataclass(frozen=True, slots=True, eq=False)
class Dossier:
    """One client.

    Attributes
    ----------
    source : Source
        What dossiers share.
    row : dict
        ``client_id``, ``code``, ``group``, ``line``, ``manager_id``, ``segment``, ``region``, ``standing``, ``life``,
        ``first_order``, ``last_order``, ``purchases``, ``stayed`` (months) and ``gap_days`` (mean) of its last life,
        ``silence_days``, ``limit_days``, ``size`` (net sales of the year up to the last order), ``sales`` and
        ``sales_before`` (of the last 365 days, and the 365 before), ``share`` and ``members`` (of its group: of all
        sales of the last year, and clients that bought in it), ``marks`` of a key client, ``risk``, ``low``, ``high``,
        ``hazard_risk``, ``hazard_low``, ``hazard_high``, ``worded`` (what goes with a higher risk), ``tenure``,
        ``months``, ``months_low``, ``months_high``, ``horizon``, ``value``, ``value_low``, ``value_high`` (with
        chance), ``mean_low``, ``mean_high`` (of its expectation), ``due_early``, ``due``, ``due_late``,
        ``start_date``, ``contract_date``, ``orders`` (purchases of all its lives), ``reason`` (as noted, of one who is
        away or noted as lost); missing where not known.
    months, scores, pushes, failures, touches, matters, contacts, similar : DataFrame
        As in :class:`churnlab.answers.dossiers.DossiersAnswer`, of this client alone.
    """

    source: Source
    row: dict[str, Any]
    months: pd.DataFrame
    scores: pd.DataFrame
    pushes: pd.DataFrame
    failures: pd.DataFrame
    touches: pd.DataFrame
    matters: pd.DataFrame
    contacts: pd.DataFrame
    similar: pd.DataFrame

    @property
    def client_id(self) -> str:
        """Whose dossier it is."""
        return str(self.row["client_id"])

    @property
    def code(self) -> str:
        """What its page's file is called."""
        return str(self.row["code"])

    @property
    def away(self) -> bool:
        """Whether it has left, or is recorded as closed."""
        return self.row["standing"] in _AWAY

    @property
    def headline(self) -> str:
        """How it stands, with its risk and the money that hangs on it."""
        words = self.source.called
        if self.away:
            said = "is recorded as closed" if self.row["standing"] == "closed" else f"has {words.done}"
            return (
                f"It {said}: last order on {day(self.row['last_order'])}, net sales of {money(self.row['size'])} in "
                "the year up to it."
            )
        risk, sales = self._estimate("risk", "low", "high"), money(self.row["sales"])
        if math.isnan(risk.value):
            return f"How likely it is to {words.do} we cannot say; net sales of {sales} in the last 365 days."
        return (
            f"Its risk of {words.doing} within {self.source.horizon_months} months is {interval(risk, percent)}; net "
            f"sales of {sales} in the last 365 days."
        )

    @property
    def stands(self) -> str:
        """How it stands today, in words."""
        row, words = self.row, self.source.called
        silence, limit = row["silence_days"], round(row["limit_days"])
        after = limit - silence
        limits = {
            "closed": "recorded as closed",
            "left": f"{words.done}: {count(-after)} days past its limit of {count(limit)}",
            "pending": f"silent for {count(silence)} days, {count(after)} before its limit of {count(limit)}",
            "shrinking": f"shrinking; last order {count(silence)} days ago, its limit is {count(limit)} days",
            "active": f"ordering; last order {count(silence)} days ago, its limit is {count(limit)} days",
        }
        return limits[row["standing"]]

    def facts(self, label: Label) -> dict[str, str]:
        """Name and figure of what is known, in reading order; without what is not known."""
        row, told = self.row, {}
        told["group"] = "" if row["group"] == row["client_id"] else label(row["group"])
        told["clients of its group that buy"] = count(row["members"]) if row["members"] > 1 else ""
        told |= {"line bought most": _text(row["line"]), "manager": _text(row["manager_id"])}
        told |= {name: _text(row[name]) for name in ("segment", "region")}
        told["share of all sales, a group as one"] = _form(row["share"], percent)
        told["marks of a key client"] = _text(row["marks"], most=200)
        told["stands today"] = self.stands
        since = "" if row["life"] == 1 else f", since it came back (life {row['life']})"
        noted = _text(row["reason"])
        if noted and not self.away:
            noted = f"{noted} (noted as lost, but its silence has not reached its limit)"
        told["noted reason"] = noted
        told["orders"] = f"{count(row['purchases'])} from {day(row['first_order'])} to {day(row['last_order'])}{since}"
        return {name: text for name, text in told.items() if text}

    @property
    def history_sentence(self) -> str:
        """What the figure of orders and scores shows."""
        now, before = self.row["sales"], self.row["sales_before"]
        said = f"net sales of {money(now)} in the last 365 days, {money(before)} in the 365 before"
        if self.scores.empty:
            return f"{self._span}: {said}; no recommendation score is known."
        last = self.scores.iloc[-1]
        scores = _many(len(self.scores), "score", "scores")
        return f"{self._span}: {said}; of {scores} the last was {last['score']:g} of 10, on {day(last['date'])}."

    @property
    def history_title(self) -> str:
        """Finding of that figure."""
        now, before = self.row["sales"], self.row["sales_before"]
        if now <= 0:
            return f"Nothing was bought in the last 365 days; the last order was on {day(self.row['last_order'])}"
        if before <= 0:
            return f"Bought for {money(now)} in the last 365 days, and for nothing in the 365 before"
        way = "more" if now >= before else "less"
        return f"Bought for {money(now)} in the last 365 days, {percent(abs(now / before - 1))} {way} than before"

    @property
    def _span(self) -> str:
        also = "" if self.failures.empty else f", with {_many(len(self.failures), 'failure', 'failures')} marked"
        return f"Sales by month and scores on one time axis{also}"

    @property
    def risk_sentences(self) -> tuple[str, ...]:
        """What goes with its risk, and by which method."""
        if self.away:
            return (f"It has {self.source.called.done}: there is no risk to forecast.",)
        if self.pushes.empty:
            return ("What goes with its risk we cannot say: no method that gives reasons has seen it.",)
        own = self._estimate("hazard_risk", "hazard_low", "hazard_high")
        usual, factor_most = percent(self.source.usual), decimal(math.exp(self.pushes["part"].max()))
        said = (
            f"A usual client has {usual}."
            if self.source.speaks == HAZARD.name
            else f"The {percent(self.row['risk'])} above comes from the method that ranks clients. A second method, "
            f"which can give reasons, says {percent(own.value)} (95 % range {span(own.low, own.high, percent)}); a "
            f"usual client has {usual}."
        )
        worded = (f"Often seen with higher risk: {plainer(self.row['worded'])}.",) if self.row["worded"] else ()
        return (
            *worded,
            f"{said} In the table {factor_most} means: {factor_most} times the usual monthly chance.",
            "This is what goes together in the records; it does not say what would happen if it were changed.",
        )

    def pushes_table(self) -> pd.DataFrame:
        """Groups of features by what goes with them, the highest risk first."""
        frame = self.pushes.sort_values(["part", "group"], ascending=[False, True])
        way = np.select(
            [frame["part"] > _SMALL_PUSH, frame["part"] < -_SMALL_PUSH],
            ["higher risk", "lower risk"],
            default="next to no change",
        )
        return pd.DataFrame(
            {
                "what": [factor(group) for group in frame["group"]],
                "goes with": way,
                "times the usual monthly chance": [decimal(math.exp(part)) for part in frame["part"]],
            }
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Risk, months still to stay, and value, each with its interval."""
        near = self.source.near_months
        stays = f"of the next {_form(self.row['horizon'], months)}; the first {near} by its own risk"
        return (
            _tile(
                f"Risk of {self.source.called.doing}",
                self._estimate("risk", "low", "high"),
                percent,
                f"within {self.source.horizon_months} months",
            ),
            _tile(
                "Months still to stay",
                self._estimate("months", "months_low", "months_high"),
                months,
                stays if self.row["horizon"] and self.row["horizon"] > 0 else "too few stayed as long",
            ),
            self._value,
            self._next_order,
        )

    @property
    def _next_order(self) -> Figure:
        early, due, late = (self.row[name] for name in ("due_early", "due", "due_late"))
        if pd.isna(early):
            return Figure("Next order expected by", _DASH, "we cannot say, or fewer than 1 in 10 within a year")
        if pd.isna(due):
            note = f"1 in 10 clients so silent by {day(early)}, fewer than half within a year"
            return Figure("Next order expected by", _DASH, note)
        nine = "9 in 10 not within a year" if pd.isna(late) else f"9 in 10 by {day(late)}"
        return Figure("Next order expected by", day(due), f"even chance; 1 in 10 by {day(early)}, {nine}")

    @property
    def _value(self) -> Figure:
        """What it is expected to bring: the average of clients like it, and this one with chance."""
        label = f"Value of the next {self.source.value_months} months"
        value, mean = (
            self._estimate("value", "value_low", "value_high"),
            self._estimate("value", "mean_low", "mean_high"),
        )
        if math.isnan(value.value):
            return Figure(label, _DASH, f"we cannot say; {self.source.unit}")
        chance = "" if math.isnan(value.low) else f"; this one client, with chance: {span(value.low, value.high)}"
        average = f"average for clients like this: {span(mean.low, mean.high)}{chance} (95 % ranges)"
        return Figure(label, money(value.value), f"{self.source.unit}; {average}")

    @property
    def failures_sentence(self) -> str:
        """How many failures, and how they were handled."""
        if "failures" in self.source.missing:
            return "Failures are not known: there is no failures table."
        if self.failures.empty:
            return "No failure is recorded."
        recent = int((self.failures["date"] >= self.source.as_of - _YEAR).sum())
        handled = self.failures["handling"].map(_handled).value_counts().sort_index()
        how = ", ".join(f"{count(number)} {kind}" for kind, number in handled.items())
        return f"{count(len(self.failures))} recorded, {count(recent)} of them in the last 365 days; handled: {how}."

    def failures_table(self) -> pd.DataFrame:
        """The latest failures, the last first."""
        last = self.failures.sort_values("date", kind="stable").tail(LISTED)[::-1]
        return pd.DataFrame(
            {
                "day": [day(date) for date in last["date"]],
                "kind": [_text(kind) or _DASH for kind in last["kind"]],
                "severity, as recorded": [_form(value, decimal) or _DASH for value in last["severity"]],
                "handled": [_handled(kind) for kind in last["handling"]],
                "cost": [_form(value, money) or _DASH for value in last["cost"]],
            }
        )

    @property
    def touches_sentence(self) -> str:
        """How often somebody was in touch, and when last."""
        if "touches" in self.source.missing:
            return "Calls, visits and greetings are not known: there is no touches table."
        if self.touches.empty:
            return "No call, visit or greeting is recorded."
        recent = self.touches[self.touches["date"] >= self.source.as_of - _YEAR]
        kinds = recent["kind"].fillna("other").value_counts().sort_index()
        how = ", ".join(f"{count(number)} {shortened(str(kind))}" for kind, number in kinds.items())
        last = self.touches.sort_values("date", kind="stable").iloc[-1]
        return (
            f"{count(len(recent))} in the last 365 days{f' ({how})' if how else ''}; the last was on "
            f"{day(last['date'])} ({_text(last['kind']) or 'of unknown kind'})."
        )

    def touches_table(self) -> pd.DataFrame:
        """The latest touches, the last first."""
        last = self.touches.sort_values("date", kind="stable").tail(LISTED)[::-1]
        kinds = [_text(kind) or _DASH for kind in last["kind"]]
        who = [_text(name) or _DASH for name in last["manager_id"]]
        return pd.DataFrame({"day": [day(date) for date in last["date"]], "kind": kinds, "by": who})

    @property
    def matters_said(self) -> tuple[str, ...]:
        """What waits for somebody; empty where nothing does, as far as the tables tell."""
        return tuple(shortened(matter, 300) for matter in self.matters["matter"])

    def dates_table(self) -> pd.DataFrame:
        """The next birthday of each contact, and anniversaries, the nearest first."""
        dates = [
            (f"anniversary: {name}", self.row[column], self.row[column])
            for name, column in (("first deal", "start_date"), ("contract", "contract_date"))
        ]
        if pd.isna(self.row["start_date"]) and self.row["life"] == 1:
            dates[0] = ("anniversary: first order of the records", self.row["first_order"], self.row["first_order"])
        people = self.contacts.to_dict("records")
        dates += [(f"birthday: {_person(person)}", person["birthday"], None) for person in people]
        rows = []
        for what, first, counted in dates:
            if pd.notna(first):
                following = next_day(first, self.source.as_of)
                years = _DASH if counted is None else count(following.year - counted.year)
                rows.append((what, following, (following - self.source.as_of).days, years))
        rows.sort(key=lambda row: (row[1], row[0]))
        table = [(what, day(following), count(ahead), years) for what, following, ahead, years in rows]
        return pd.DataFrame(table, columns=["date", "next on", "days ahead", "years"])

    @property
    def contacts_sentence(self) -> str:
        """Who the contacts are."""
        if "contacts" in self.source.missing:
            return "Contacts are not known: there is no contacts table."
        if self.contacts.empty:
            return "No contact is recorded."
        if self.source.coded:
            roles = ", ".join(sorted({_text(role) for role in self.contacts["role"] if _text(role)}))
            known = f": {roles}" if roles else ""
            many = _many(len(self.contacts), "contact", "contacts")
            return f"{many}{known}. Names and birthdays are not shown beside codes."
        return f"Contacts: {', '.join(_person(person) for person in self.contacts.to_dict('records'))}."

    @property
    def similar_sentence(self) -> str:
        """What the clients below have in common, and what that does not say."""
        if self.similar.empty:
            return f"None can be named: too few clients of its line have {self.source.called.done}."
        return (
            "Of the clients of its line who are away today these were nearest in sales of their last year, days "
            f"between orders and months stayed. It does not follow that this client will {self.source.called.do}."
        )

    def similar_table(self, label: Label) -> pd.DataFrame:
        """Similar clients who left, the nearest first."""
        rows = [
            (
                label(row["other"]),
                day(row["left_on"]),
                shortened(row["reason"]),
                money(row["amount"]),
                _form(row["gap_days"], months) or _DASH,
                months(row["stayed"]),
            )
            for row in self.similar.to_dict("records")
        ]
        names = ["last order", "noted reason", "sales of its last year", "days between orders", "months stayed"]
        return pd.DataFrame(rows, columns=["client", *names])

    def _estimate(self, value: str, low: str, high: str) -> Estimate:
        return Estimate(*(float(self.row[name]) for name in (value, low, high)))


def next_day(first: pd.Timestamp, today: pd.Timestamp) -> pd.Timestamp:
    """Say when a day of the year comes next, today included; 29 February falls on the 28th in common years.

    Examples
    --------
    >>> next_day(pd.Timestamp("1988-02-29"), pd.Timestamp("2025-03-01"))
    Timestamp('2026-02-28 00:00:00')
    """
    coming = first + pd.DateOffset(years=today.year - first.year)
    return coming if coming >= today else first + pd.DateOffset(years=today.year - first.year + 1)


def summary_row(dossier: Dossier, label: Label) -> tuple[str, ...]:
    """One line of the list of dossiers: client, standing, sales, risk, months still to stay, value."""
    row = dossier.row
    return (
        label(dossier.client_id),
        dossier.stands,
        money(row["size"]),
        compact(dossier._estimate("risk", "low", "high"), percent),  # noqa: SLF001 -- of this module
        compact(dossier._estimate("months", "months_low", "months_high"), months),  # noqa: SLF001
        compact(dossier._estimate("value", "value_low", "value_high"), money),  # noqa: SLF001
    )


def _handled(kind: object) -> str:
    """Say what became of a failure."""
    return _HANDLED.get(str(kind), "not recorded")


def _tile(label: str, estimate: Estimate, form: Callable[[float], str], note: str) -> Figure:
    if math.isnan(estimate.value):
        return Figure(label, _DASH, f"we cannot say; {note}")
    known = not math.isnan(estimate.low)
    ends = f"{form(estimate.low)} to {form(estimate.high)} (95 %)" if known else "no interval to be had"
    return Figure(label, form(estimate.value), f"{ends}, {note}")


def _many(number: int, one: str, several: str) -> str:
    return f"{count(number)} {one if number == 1 else several}"


def _person(contact: dict[Hashable, Any]) -> str:
    role = _text(contact["role"])
    return f"{_text(contact['name']) or 'somebody'}{f' ({role})' if role else ''}"


def _text(value: object, *, most: int = 60) -> str:
    return "" if pd.isna(value) else shortened(str(value), most)  # type: ignore[call-overload]


def _form(value: float, form: Callable[[float], str]) -> str:
    return "" if pd.isna(value) else form(value)
