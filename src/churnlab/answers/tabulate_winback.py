"""Lost clients, returns and the deal's economics laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Callable

import pandas as pd

from churnlab.answers.actions_frames import deal_sheet
from churnlab.answers.asking_back import AskingBack
from churnlab.answers.counter_offers import OffersAnswer
from churnlab.answers.deals import CLOSED, DealsAnswer
from churnlab.answers.no_contact import NO_CONTACT
from churnlab.answers.reasons_modelled import ModelledAnswer
from churnlab.answers.winback import RETURN_MONTHS, WinbackAnswer
from churnlab.answers.words import compact, count, day, money, percent
from churnlab.lifetime import Estimate
from churnlab.winback import COUNTED

_DASH = "\N{EN DASH}"
_Label = Callable[[str], str]


def reasons(found: WinbackAnswer) -> pd.DataFrame:
    """Losses by coded reason."""
    rows = [
        (row["reason"], count(row["n"]), _share(row["share"], row["low"], row["high"]), money(row["amount"]))
        for row in found.reasons.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["coded reason", "losses", "share of losses", "sales of their last years"])


def returns(found: WinbackAnswer) -> pd.DataFrame:
    """Who came back within a time, by coded reason; the baseline first."""
    rows = []
    for name, group in found.returns.groupby("reason", sort=False):
        told = [_share(row["share"], row["low"], row["high"]) for row in group.to_dict("records")]
        rows.append((name, count(group["n"].iloc[0]), count(group["returned"].iloc[-1]), *told))
    spans = [f"{span} months" for span in RETURN_MONTHS]
    return pd.DataFrame(rows, columns=["coded reason", "lost", f"back within {spans[-1]}", *spans])


def offers(found: OffersAnswer) -> pd.DataFrame:
    """Who came back, by what was offered."""
    rows = [
        (row["offer"], count(row["n"]), count(row["returned"]), _share(row["share"], row["low"], row["high"]))
        for row in found.returns.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["what was offered", "losses", "came back", "share that came back"]).replace(
        {"share that came back": {"too few": _DASH}}
    )


def modelled(found: ModelledAnswer) -> pd.DataFrame:
    """Noted reasons down, modelled ones across."""
    table = found.table
    told = table.map(count).astype(str)
    return told.rename_axis(columns=None).reset_index(names="noted, and modelled across")


def powers(found: WinbackAnswer) -> pd.DataFrame:
    """Power of the test, by number of losses; this book's first."""
    rows = [
        (count(row["losses"]), compact(Estimate(row["power"], row["low"], row["high"]), percent))
        for row in found.power.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["losses over price, service or a person", "seen in made-up books"])


def asked(found: DealsAnswer, label: _Label) -> pd.DataFrame:
    """Clients who are away, those who bought most first, with whether to ask."""
    rows = [
        (
            label(row["client_id"]),
            day(row["left_on"]),
            count(row["months"]),
            money(row["amount"]),
            _DASH if pd.isna(row["margin"]) else money(row["margin"]),
            row["coded"].replace("_", " "),
            row["ask"],
        )
        for row in found.asked.to_dict("records")
    ]
    names = ["client", "last order", "months", "sales of last year", "margin", "coded reason", "ask"]
    return pd.DataFrame(rows, columns=names)


def arguments(found: DealsAnswer) -> pd.DataFrame:
    """Whether to ask and with what, by coded reason, those that most was bought by first."""
    rows = []
    for (ask, argument), group in found.asked.groupby(["ask", "argument"]):
        reasons = (
            sorted(set(group["coded"].str.replace("_", " "))) if ask not in (CLOSED[0], NO_CONTACT[0]) else ["any"]
        )
        rows.append((", ".join(reasons), len(group), float(group["amount"].sum()), ask, argument))
    rows.sort(key=lambda row: (-row[2], row[0]))
    told = [(reason, count(clients), money(amount), *advice) for reason, clients, amount, *advice in rows]
    return pd.DataFrame(told, columns=["coded reason", "clients", "sales of last year", "ask", "with what"])


def returns_worth(found: AskingBack, label: _Label) -> pd.DataFrame:
    """Clients who may be asked back, those first whose return is worth most."""
    rows = [
        (
            label(row["client_id"]),
            row["coded"],
            compact(Estimate(row["chance"], row["chance_low"], row["chance_high"]), percent),
            compact(Estimate(row["worth"], row["low"], row["high"]), money),
        )
        for row in found.frame.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["client", "coded reason", "comes back within 12 months", "its return is worth"])


def costs(found: DealsAnswer) -> pd.DataFrame:
    """Implicit costs, with ranges and sources."""
    rows = [
        (cost.name, compact(Estimate(cost.value, cost.low, cost.high), _tenths), cost.grade, cost.source)
        for cost in found.costs
    ]
    whole = found.deals[0].implicit
    rows.append(("together", compact(whole, _tenths), "A", "ends added up: the widest case"))
    return pd.DataFrame(rows, columns=["implicit cost", "share of our price", "grade", "where to learn it"])


def side_by_side(found: DealsAnswer) -> pd.DataFrame:
    """What each supplier costs by 100 of our price, and how far each item moves the other's total over its range."""
    rows = [
        (
            row["item"],
            _DASH if pd.isna(row["ours"]) else f"{row['ours']:.0f}",
            compact(Estimate(row["theirs"], row["low"], row["high"]), _one),
            _DASH if pd.isna(row["total_low"]) else f"{_one(row['total_low'])} to {_one(row['total_high'])}",
        )
        for row in deal_sheet(found).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["by 100 of our price", "ours", "the other", "the other's total over this range"])


def deals(found: DealsAnswer) -> pd.DataFrame:
    """What is left of offers, by how much the buyer counts."""
    rows = [
        (
            _tenths(one.discount),
            compact(one.break_even, percent),
            *(compact(one.left(counted), _tenths) for counted in (COUNTED.value, 1.0)),
            one.verdict,
        )
        for one in found.deals
    ]
    names = [
        "cheaper by", "breaks even, counted", f"left with {percent(COUNTED.value)} counted", "left with all counted",
        "with all counted",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _share(value: float, low: float, high: float) -> str:
    return "too few" if pd.isna(low) else compact(Estimate(value, low, high), percent)


def _one(number: float) -> str:
    return f"{number:.1f}"


def _tenths(share: float) -> str:
    """A tenth of a percent."""
    return f"{100 * share + 0.0:.1f} %".replace("-0.0 ", "0.0 ")
