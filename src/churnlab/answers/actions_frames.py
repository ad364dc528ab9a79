"""Frames behind sheets that no answer holds: whom to ask for an opinion, and an offer beside our price."""

from typing import Any, Final

import pandas as pd

from churnlab.answers.deals import DealsAnswer
from churnlab.answers.invitations import asked
from churnlab.answers.language import mark
from churnlab.answers.study import Study
from churnlab.answers.words import listed

_YEAR = pd.Timedelta(days=365)
REST: Final = pd.Timedelta(days=90)
"""Nobody is asked again so soon after an invitation; ours."""


def surveys_to_send(study: Study) -> pd.DataFrame:
    """Clients whose opinion is not known, or not known any more, and whom nobody asked lately.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        ``client_id``, ``last_asked``, ``last_answered`` (NaT if never), ``why``; those who never answered first, then
        by the day of the last answer. Only clients that have not left, and none invited within :data:`REST`.
    """
    lives = study.lives().frame.drop_duplicates("client_id", keep="last")
    here = lives.loc[lives["left_on"].isna(), "client_id"].sort_values()
    frame = pd.DataFrame({"client_id": here}).reset_index(drop=True)
    surveys = study.tables.surveys
    sent = None if surveys is None else asked(surveys)
    for name in ("last_asked", "last_answered"):
        rows = None if sent is None else sent[sent["answered"] | (name == "last_asked")]
        known = {} if rows is None else rows.groupby("client_id")["survey_date"].max().to_dict()
        frame[name] = pd.to_datetime(frame["client_id"].map(known))
    frame = frame[~(frame["last_asked"] > study.as_of - REST)]
    frame = frame[~(frame["last_answered"] > study.as_of - _YEAR)]
    never = frame["last_asked"].isna()
    frame["why"] = mark("last answer older than a year")
    frame.loc[frame["last_answered"].isna(), "why"] = mark("asked, never answered: ask in another way")
    frame.loc[never, "why"] = mark("never asked")
    order = ["last_answered", "last_asked", "client_id"]
    return frame.sort_values(order, na_position="first", ignore_index=True)


def deal_sheet(found: DealsAnswer) -> pd.DataFrame:
    """Set an offer beside our price for the client: what each costs by 100 of our price, and what the total hangs on.

    Parameters
    ----------
    found : DealsAnswer
        Offers and implicit costs.

    Returns
    -------
    DataFrame
        ``item``, ``ours``, ``theirs``, ``low``, ``high``; ``total_low``, ``total_high``: the other's total with this
        item at the ends of its range and all others in their middles; ``source``. The last row is the premium that our
        service is worth: what of our price the implicit costs make up for.
    """
    offer, middle = found.deals[0], 100 * (1 - found.deals[0].discount)
    total = middle + 100 * offer.implicit.value
    ends = [100 * (1 - found.depth.high), 100 * (1 - found.depth.low)]
    rows: list[tuple[Any, ...]] = [
        (
            mark("price"),
            100.0,
            middle,
            *ends,
            total - middle + ends[0],
            total - middle + ends[1],
            mark("offers seen, or assumed"),
        )
    ]
    for cost in found.costs:
        low, high = (total + 100 * (end - cost.value) for end in (cost.low, cost.high))
        rows.append((cost.name, 0.0, 100 * cost.value, 100 * cost.low, 100 * cost.high, low, high, cost.source))
    whole = [100 * end for end in (offer.implicit.low, offer.implicit.high)]
    widest = (ends[0] + whole[0], ends[1] + whole[1])
    rows.append((mark("all together"), 100.0, total, *widest, None, None, mark("the widest case")))
    premium = mark("premium that service is worth")
    rows.append((premium, None, 100 * offer.implicit.value, *whole, None, None, mark("if all counted")))
    names = ["item", "ours", "theirs", "low", "high", "total_low", "total_high", "source"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:-1], "float64"))


def swing_sentence(sheet: pd.DataFrame) -> str:
    """Say which item of a deal sheet moves the other's total most, and whether any alone makes it as dear as ours."""
    known = sheet.dropna(subset=["total_low", "total_high"])
    wide = known.iloc[int((known["total_high"] - known["total_low"]).to_numpy().argmax())]
    total = float(sheet.loc[sheet["item"] == "all together", "theirs"].iloc[0])
    crossing = list(known.loc[(known["total_low"] < 100) & (known["total_high"] >= 100), "item"])
    alone = f"{listed(crossing)} alone can make" if crossing else "no item alone makes"
    side = "the other as dear as ours" if total < 100 else "the other cheaper than ours"
    return (
        f"By 100 of our price the other costs {total:.1f} with all counted, and {wide['item']} moves that most, from "
        f"{wide['total_low']:.1f} to {wide['total_high']:.1f}; {alone} {side} (each over its range)."
    )
