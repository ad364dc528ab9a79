"""Suspicions: what no single row shows, such as a month that was never exported or a client under two numbers."""

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import pandas as pd

from churnlab.tables.checks import identical_rows
from churnlab.tables.dataset import count_orders
from churnlab.tables.parsing import Draft, Mask

USUAL = 10
"""Lines a month below which nothing can be said of a month without any."""

LEAST_MONTHS = 6
LEAST_DOUBLED = 20
LEAST_ANSWERS = 20
FLAT_ANSWERS = 4
FLAT_FACTORS = 3
LEAST_ORDERS = 30
ONE_EACH = 0.95
"""Clients an order from which on the number of a document seems to stand in the place of the client's."""

_LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "ооо оао зао пао ао нао ип чп тоо llc ltd limited inc corp corporation co company gmbh ag kg mbh ug oy oyj ab "
        "hb asa aps sa srl sarl sas spa bv nv plc sp zoo the and und ja och и",
    )
)
"""Words of a name that say nothing of who is meant."""

_TWINS = str.maketrans("авекмнорстухіј", "abekmhopctyxij")
"""Cyrillic letters that look like Latin ones."""


def check_months(orders: Draft, *, identical: str | None) -> None:
    """Report months without any order, months that seem to be there twice, and a last month that is not whole.

    Parameters
    ----------
    orders
        The parsed and checked orders.
    identical
        What the mapping says of identical rows; if anything, no month is suspected of being there twice.
    """
    live = orders.live
    days = orders.frame["order_date"][live]
    if days.empty:
        return
    months = days.dt.year * 12 + days.dt.month - 1
    first = int(months.min())
    counts = np.bincount(months - first)
    if counts.size < LEAST_MONTHS or np.median(counts[counts > 0]) < USUAL:
        return
    for month in np.flatnonzero(counts == 0):
        orders.register.add_one("month without orders", count=1, value=_month(first + int(month)), column="order_date")
    if identical is None:
        again = np.bincount(months[identical_rows(orders)[live]] - first, minlength=counts.size)
        for month in np.flatnonzero((again >= LEAST_DOUBLED) & (2 * again >= counts - again)):
            orders.register.add_one("doubled load", count=1, value=_month(first + int(month)), column="order_date")
    ends = days.groupby(months).max()
    short = (ends.dt.days_in_month - ends.dt.day).to_numpy()
    if short[-1] > short[:-1].max() + 2:
        orders.register.add_one("partial last month", count=1, value=f"{days.max():%Y-%m-%d}", column="order_date")


def check_clients(orders: Draft) -> None:
    """Report orders of which nearly every one has a client of its own.

    Parameters
    ----------
    orders
        The parsed and checked orders.
    """
    sales = orders.frame[orders.live & (orders.frame["kind"] == "sale").to_numpy(dtype=bool)]
    count, clients = count_orders(sales), sales["client_id"].nunique()
    if count >= LEAST_ORDERS and clients >= ONE_EACH * count:
        told = f"{clients:,} clients, {count:,} orders"
        orders.register.add_one("one order a client", count=1, value=told, column=orders.headers["client_id"])


def check_surveys(surveys: Draft, *, scale_declared: bool) -> None:
    """Report a scale that ends at 5, two answers of a client on a day, and clients that always give one number.

    Parameters
    ----------
    surveys
        The parsed surveys.
    scale_declared
        Whether the mapping says how scores are scaled.
    """
    scored = [
        column.name for column in surveys.table.columns if column.kind == "score" and column.name in surveys.frame
    ]
    scored += [str(name) for name in surveys.frame if name not in surveys.table.column_names]
    key = ["client_id", "survey_date", "wave"]
    repeated = np.zeros(surveys.live.size, dtype=bool)
    repeated[surveys.live] = surveys.frame.loc[surveys.live, key].duplicated().to_numpy()
    surveys.report("repeated survey on a day", repeated, column="survey_date")
    if not scored:
        return
    scores = surveys.frame[scored].to_numpy(dtype=np.float64)
    answered = surveys.live & ~np.isnan(scores).all(axis=1)
    if not scale_declared and answered.sum() >= LEAST_ANSWERS:
        given = scores[answered]
        if np.nanmax(given) <= 5 and np.nanmin(given) >= 1:
            told = f"{answered.sum()} answers, all from {np.nanmin(given):g} to {np.nanmax(given):g}"
            surveys.register.add_one("scores from 1 to 5 only", count=1, value=told)
    _check_flat(surveys, scores, answered)


def check_similar(draft: Draft, *, group: dict[str, str]) -> None:
    """Report pairs of clients whose ids or names differ in nothing that matters.

    Parameters
    ----------
    draft
        The parsed clients, or the orders if there is no such table.
    group
        To which group a client belongs; clients of one group may well be called alike.
    """
    frame = draft.frame.loc[draft.live]
    first = frame.drop_duplicates("client_id")
    ids = first["client_id"].tolist()
    rows = draft.raw.rows[first.index.to_numpy()].tolist()
    pairs: dict[tuple[int, int], None] = {}
    names = first["name"].fillna("").tolist() if "name" in first and draft.table.name == "clients" else []
    for keys in (map(_id_key, ids), map(_name_key, names)):
        pairs |= dict.fromkeys(_alike(keys))
    for earlier, later in sorted(pairs, key=lambda pair: (pair[1], pair[0])):
        one, other = ids[earlier], ids[later]
        if group.get(one, one) != group.get(other, other):
            told = f"{one} ~ {other}"
            draft.register.add_one("clients that look alike", count=1, value=told, column="client_id", row=rows[later])


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _check_flat(surveys: Draft, scores: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", answered: Mask) -> None:
    """Report clients that gave one number to everything, each time, at the first such answer."""
    full = answered & ((~np.isnan(scores)).sum(axis=1) > FLAT_FACTORS)
    rows = np.flatnonzero(full)
    spread = np.nanmax(scores[rows], axis=1) - np.nanmin(scores[rows], axis=1)
    answers = pd.DataFrame({"client": surveys.frame["client_id"].to_numpy()[rows], "spread": spread, "row": rows})
    by_client = answers.groupby("client").agg(times=("row", "size"), spread=("spread", "max"), row=("row", "min"))
    flat = by_client[(by_client["times"] >= FLAT_ANSWERS) & (by_client["spread"] == 0)]
    at = np.zeros(full.size, dtype=bool)
    at[flat["row"].to_numpy(dtype=np.intp)] = True
    surveys.report("the same score to everything", at, column="client_id")


def _alike(keys: Iterable[str]) -> list[tuple[int, int]]:
    """Pair each position with the first one of the same key; empty keys stand alone."""
    seen: dict[str, int] = {}
    pairs = []
    for position, key in enumerate(keys):
        if key and seen.setdefault(key, position) != position:
            pairs.append((seen[key], position))
    return pairs


def _id_key(client_id: str) -> str:
    """Reduce an id to what stays when capitals, spaces, leading zeros and look-alike letters are taken away."""
    plain = unicodedata.normalize("NFKC", client_id).casefold().translate(_TWINS)
    return re.sub(r"\s+", "", plain).lstrip("0") or client_id


def _name_key(name: str) -> str:
    """Reduce a name to its sorted words, without legal form, punctuation and look-alike letters."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    words = [word for word in re.split(r"[\W_]+", plain) if word and word not in _LEGAL_FORMS]
    key = " ".join(sorted(words)).translate(_TWINS)
    return key if len(key) > 2 else ""
