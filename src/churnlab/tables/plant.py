"""The sample plant: a made-up wood-panel plant with known truth.

Nine years of orders, clients and surveys are drawn from a process that is none of the package's models: every
client has its own regular rhythm, a log-normal frailty and a satisfaction that moves slowly; leaving has
three competing causes (service, price, need); most leavers order less before they stop. Read the functions
in the order in which :func:`make_plant` calls them. Days and months are counted from January 2002, so that
the clients who are there when the records begin in 2017 are the survivors of earlier intakes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Plant", "make_plant", "write_plant"]

_Floats: TypeAlias = NDArray[np.float64]
_Ints: TypeAlias = NDArray[np.int64]
_Bools: TypeAlias = NDArray[np.bool_]

_ORIGIN = np.datetime64("2002-01-01", "D")
_MONTHS = 288
_STARTS = (np.datetime64("2002-01", "M") + np.arange(_MONTHS + 1)).astype("datetime64[D]")
_FIRST = (_STARTS - _ORIGIN).astype(np.int64)  # day on which each month begins; the last is the day after the end
_RECORDS = 180  # the month with which the records begin, January 2017
_SURVEYS = 204  # the month with which the surveys begin, January 2019
_DAY_0, _END = int(_FIRST[_RECORDS]), int(_FIRST[_MONTHS])
_DAYS = _ORIGIN + np.arange(_DAY_0, _END)
_NEVER = 10**6  # a day that does not come

_LINES = np.array(["particleboard", "cement-bonded", "house-building"])
_LAUNCH = _FIRST[[0, 183, 264]]  # particleboard from the start, April 2017, January 2024
_LINE_LIFE = np.array([560.0, 55.0, 19.0])  # months until a client has no more need of the line, on average
_LINE_PRICE = np.array([235.0, 410.0, 520.0])  # EUR a cubic metre in 2017
_LINE_SHARE = {  # chance that a client of the segment comes to buy the line beside its first one
    "furniture": [0.4, 0.50, 0.0],
    "construction": [0.4, 0.85, 0.38],
    "trade": [0.4, 0.75, 0.12],
    "packaging": [0.4, 0.35, 0.0],
}
_FACTORS = ["quality", "timing", "attention", "price"]
_LEVEL = np.array([7.8, 7.4, 7.6, 6.8])  # mean latent score, 0..10
_WEIGHT = np.array([0.40, 0.35, 0.25, 0.0])  # in satisfaction
_SEASON = np.array([0.62, 0.85, 1.05, 1.18, 1.20, 1.12, 0.72, 1.08, 1.18, 1.10, 0.95, 0.80])
_SEGMENTS = np.array(["furniture", "construction", "trade", "packaging"])
_REGIONS = np.array(["north", "east", "south", "west", "coast", "lakes"])
_ACQUIRED = np.array(["price", "service", "referral"])
_HEADS = ["Kel", "Ost", "Var", "Bren", "Lum", "Tor", "Esk", "Mir", "Sel", "Dov", "Rav", "Gar", "Ulm", "Pell"]
_TAILS = [
    "vik",
    "mar",
    "holm",
    "ford",
    "stad",
    "lund",
    "mere",
    "wick",
    "haven",
    "borg",
    "dal",
    "ness",
    "fell",
]
_TRADES = {
    "furniture": ["Furniture", "Cabinet Works", "Kitchens", "Joinery", "Interiors"],
    "construction": ["Building", "Frame Houses", "Construction", "Roof and Floor", "Site Services"],
    "trade": ["Timber Trade", "Board Supply", "Panel Market", "Wood Centre", "Building Stores"],
    "packaging": ["Crates", "Packaging", "Pallet Works", "Case and Box"],
}
_DECIMALS = {  # of the numbers that are not whole, by table
    "orders": {"amount": 2, "quantity": 1, "list_amount": 2},
    "clients": {"acquisition_discount": 3},
    "truth_clients": {"frailty": 4, "bias": 3},
    "truth_satisfaction": {"quality": 2, "timing": 2, "attention": 2, "satisfaction": 3, "hazard": 5},
}


@dataclass(frozen=True, slots=True)
class Plant:
    """The tables of a made-up plant and the truth behind them.

    Attributes
    ----------
    orders, clients, surveys : pandas.DataFrame
        The tables as a plant would hand them over; columns as in the README that :func:`write_plant` writes.
    truth_clients : pandas.DataFrame
        One row a client: frailty (factor on the hazards of service and price), bias (points added to every
        score), left_on and reason (price, service, need) of the leaving that lasted, empty for a client still
        there at the end.
    truth_departures : pandas.DataFrame
        One row a leaving: client_id, left_on, reason, returned_on (empty if for good).
    truth_lines : pandas.DataFrame
        One row a client and product line: begins_on, ends_on (empty if still bought at the end).
    truth_satisfaction : pandas.DataFrame
        One row a client and month with the plant: latent scores (0..10) and the hazard of leaving (a month).
    """

    orders: pd.DataFrame
    clients: pd.DataFrame
    surveys: pd.DataFrame
    truth_clients: pd.DataFrame
    truth_departures: pd.DataFrame
    truth_lines: pd.DataFrame
    truth_satisfaction: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Lives:
    """When clients and their lines begin and end, in days since the origin; n clients, three lines."""

    begin: _Ints  # (n, 3) first day of a line, _NEVER if not bought
    end: _Ints  # (n, 3) day on which the need of a line ends
    left: _Ints  # (n,) first leaving, _NEVER if none
    reason: NDArray[np.str_]  # (n,) its reason
    back: _Ints  # (n,) return, _NEVER if none
    left_again: _Ints  # (n,) second leaving
    reason_again: NDArray[np.str_]  # (n,)


def make_plant(*, seed: int = 20184) -> Plant:
    """Draw a plant.

    Parameters
    ----------
    seed : int
        The same seed gives the same plant. Every part of the plant has a stream of its own, so that a part
        added later does not move the others.

    Returns
    -------
    Plant

    Raises
    ------
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> plant = make_plant(seed=1)
    >>> sorted(plant.orders["product_line"].unique())
    ['cement-bonded', 'house-building', 'particleboard']
    """
    if seed < 0:
        raise ValueError(f"seed: expected a whole number from 0 up, came {seed}; choose another")
    traits = _traits(_stream(seed, "traits"), _arrivals(_stream(seed, "arrivals")))
    latent = _latent(_stream(seed, "latent"), traits)
    service, price = _hazards(_stream(seed, "competitor"), traits, latent)
    lives = _lives(_stream(seed, "lives"), traits, service, price)
    rates, volumes = _activity(_stream(seed, "activity"), traits, lives)
    orders = _order_lines(
        _stream(seed, "order lines"), traits=traits, lives=lives, latent=latent, rates=rates, volumes=volumes
    )
    surveys = _surveys(_stream(seed, "surveys"), traits=traits, lives=lives, latent=latent, orders=orders)
    ids = traits["client_id"].to_numpy()
    known = np.unique(orders["client"])  # with an order in the records
    ids_known, lives_known = ids[known], _rows(lives, known)
    return Plant(
        orders=_orders_table(orders, ids),
        clients=_clients_table(traits.loc[known]),
        surveys=_surveys_table(surveys, ids),
        truth_clients=_truth_clients(traits.loc[known], lives_known),
        truth_departures=_truth_departures(lives_known, ids_known),
        truth_lines=_truth_lines(lives_known, ids_known),
        truth_satisfaction=_truth_satisfaction(
            lives_known, ids_known, latent=latent[known], service=service[known], price=price[known]
        ),
    )


def write_plant(plant: Plant, folder: Path | str) -> None:
    r"""Write a plant as CSV files with a mapping and a README.

    Parameters
    ----------
    plant : Plant
        From :func:`make_plant`.
    folder : path
        Made if it is not there; files of the same names are replaced. Text is UTF-8 with "\n" line ends.
    """
    folder = Path(folder)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    for field in fields(plant):
        kind, _, name = field.name.rpartition("_")
        table = _text(getattr(plant, field.name), _DECIMALS.get(field.name, {}))
        content = table.to_csv(index=False, lineterminator="\n")
        (folder / kind / f"{name}.csv").write_bytes(content.encode())
    (folder / "mapping.toml").write_bytes(_MAPPING.encode())
    (folder / "README.md").write_bytes(_README.encode())


def _text(frame: pd.DataFrame, decimals: dict[str, int]) -> pd.DataFrame:
    """Turn every column into text: dates as ISO, floats with fixed decimals, truth values in lower case."""
    columns = {}
    for name, column in frame.items():
        if pd.api.types.is_datetime64_dtype(column):
            columns[name] = column.dt.strftime("%Y-%m-%d").fillna("")
        elif pd.api.types.is_float_dtype(column):
            number = f"{{:.{decimals.get(str(name), 0)}f}}"
            columns[name] = column.map(number.format).where(column.notna(), "")
        else:
            columns[name] = column.astype(str).replace({"True": "true", "False": "false"})
    return pd.DataFrame(columns)


def _stream(seed: int, purpose: str) -> np.random.Generator:
    """Give a generator for one purpose, independent of those for other purposes."""
    return np.random.default_rng([seed, *purpose.encode()])


def _month(day: _Ints) -> _Ints:
    """Give the month in which each day falls, counted from the origin."""
    return np.searchsorted(_FIRST, day, side="right") - 1


def _logistic(x: _Floats) -> _Floats:
    return 1 / (1 + np.exp(-x))


def _arrivals(rng: np.random.Generator) -> _Ints:
    """Draw the first day of each client, sorted: 4 a year in 2002 growing to 16 by 2016, then 27 a year."""
    yearly = np.where(np.arange(_MONTHS) < _RECORDS, np.linspace(4, 24, _MONTHS), 27.0)
    month = np.repeat(np.arange(_MONTHS), rng.poisson(yearly / 12))
    return np.sort(_FIRST[month] + rng.integers(0, 28, month.size))


def _traits(rng: np.random.Generator, start: _Ints) -> pd.DataFrame:
    """Draw what stays the same about each client; one row a client in order of its start."""
    n = start.size
    segment = rng.choice(_SEGMENTS, n, p=[0.38, 0.27, 0.25, 0.10])
    acquired = rng.choice(_ACQUIRED, n, p=[0.30, 0.45, 0.25])
    discount = np.where(acquired == "price", rng.uniform(0.03, 0.12, n), rng.uniform(0, 0.03, n))
    return pd.DataFrame(
        {
            "start": start,
            "client_id": (1001 + np.arange(n)).astype(str),
            "name": _names(rng, segment),
            "segment": segment,
            "region": rng.choice(_REGIONS, n),
            "manager": rng.choice(6, n, p=[0.22, 0.20, 0.18, 0.16, 0.14, 0.10]),
            "acquired_by": acquired,
            "acquisition_discount": discount.round(3),
            "gap": np.clip(33 * np.exp(0.45 * rng.standard_normal(n)), 10, 92),  # days between orders
            "size": 6500 * np.exp(0.85 * rng.standard_normal(n)),  # EUR an order of the main line
            "frailty": np.exp(0.5 * rng.standard_normal(n)),
            "bias": 0.6 * rng.standard_normal(n),
            "answers": 0.6 * rng.standard_normal(n),
        }
    )


def _names(rng: np.random.Generator, segment: NDArray[np.str_]) -> list[str]:
    """Draw firm names: a made-up place and the trade; each is used once."""
    places = [head + tail for head in _HEADS for tail in _TAILS]
    left = {key: [f"{place} {trade}" for place in places for trade in trades] for key, trades in _TRADES.items()}
    for names in left.values():
        rng.shuffle(names)
    return [left[key].pop() for key in segment]


def _latent(rng: np.random.Generator, traits: pd.DataFrame) -> _Floats:
    """Draw latent scores 0..10, (n clients, months, 4 factors): a level and slow moves about it."""
    n = len(traits)
    level = _LEVEL + 0.95 * rng.standard_normal((n, 1)) * [1, 1, 1, 0.3] + 0.55 * rng.standard_normal((n, 4))
    level[:, 2] += rng.normal(0, 0.3, 6)[traits["manager"]]
    level[:, 3] -= 0.5 * (traits["acquired_by"] == "price")
    scores = np.empty((n, _MONTHS, 4))
    scores[:, 0] = 0.85 * rng.standard_normal((n, 4))
    common = np.zeros((_MONTHS, 4))
    for t in range(1, _MONTHS):
        scores[:, t] = 0.93 * scores[:, t - 1] + 0.85 * np.sqrt(1 - 0.93**2) * rng.standard_normal((n, 4))
        common[t] = 0.9 * common[t - 1] + 0.08 * rng.standard_normal(4)
    shortage = np.interp(np.arange(_MONTHS), [232, 237, 243, 252], [0.0, -0.8, -0.8, 0.0])  # late in 2021-22
    common[:, 1] += shortage
    clipped: _Floats = np.clip(scores + common + level[:, None], 0, 10)
    return clipped


def _satisfaction(latent: _Floats) -> _Floats:
    mean: _Floats = latent @ _WEIGHT
    return mean


def _hazards(rng: np.random.Generator, traits: pd.DataFrame, latent: _Floats) -> tuple[_Floats, _Floats]:
    """Compute the monthly chances of leaving over service and over price, (n, months) each."""
    campaign = np.ones(_MONTHS)  # a competitor's campaign trebles the offers and lasts four months on average
    for t in range(1, _MONTHS):
        on = rng.random() < (0.75 if campaign[t - 1] > 1 else 0.02)
        campaign[t] = 3.0 if on else 1.0
    frailty = traits["frailty"].to_numpy()[:, None]
    referred = np.where(traits["acquired_by"] == "referral", 0.82, 1.0)[:, None]
    service = 0.0045 * frailty * referred * np.exp(0.55 * (7.5 - _satisfaction(latent)))
    won_on_price = np.where(traits["acquired_by"] == "price", 1.9, 0.0)[:, None]
    accepts = _logistic(-3.9 + won_on_price + 0.25 * (6.8 - latent[:, :, 3]))
    return np.minimum(service, 0.2), 0.03 * campaign * accepts * frailty


def _lives(rng: np.random.Generator, traits: pd.DataFrame, service: _Floats, price: _Floats) -> _Lives:
    """Draw the lines, the leaving and the returns of all clients."""
    start = traits["start"].to_numpy()
    begin, end = _line_lives(rng, traits)
    left, reason = _leaving(rng, start, service, price)
    no_need = np.where(begin < _NEVER, end, 0).max(axis=1)
    reason = np.where(no_need < left, "need", reason)
    left = np.minimum(left, no_need)
    back = left + rng.integers(270, 900, start.size)
    returns = (left > _DAY_0 + 90) & (back < np.minimum(no_need, _END) - 90) & (rng.random(start.size) < 0.13)
    back = np.where(returns, back, _NEVER)
    left_again, reason_again = _leaving(rng, back, 1.2 * service, 1.2 * price)
    reason_again = np.where(returns & (no_need < left_again), "need", reason_again)
    left_again = np.where(returns, np.minimum(left_again, no_need), _NEVER)
    stays, stays_then = left >= _END, left_again >= _END
    return _Lives(
        begin=begin,
        end=end,
        left=np.where(stays, _NEVER, left),
        reason=np.where(stays, "", reason),
        back=back,
        left_again=np.where(stays_then, _NEVER, left_again),
        reason_again=np.where(stays_then, "", reason_again),
    )


def _line_lives(rng: np.random.Generator, traits: pd.DataFrame) -> tuple[_Ints, _Ints]:
    """Draw the first and last day of each client's need of each line, (n, 3)."""
    n = len(traits)
    start = traits["start"].to_numpy()
    segment = traits["segment"].to_numpy()
    draw = rng.random(n)
    builds = segment == "construction"
    by_cement = np.where(builds, 0.36, np.where(segment == "trade", 0.12, 0.0))
    main = np.where((start > _LAUNCH[1]) & (draw < by_cement), 1, 0)
    main = np.where(builds & (start > _LAUNCH[2]) & (draw > 0.65), 2, main)
    share = pd.Series(segment).map(_LINE_SHARE)
    wants = rng.random((n, 3)) < np.vstack(share.to_list())
    wait = np.where(rng.random((n, 3)) < [0.5, 0.25, 0.15], 25.0, [400.0, 700.0, 250.0])
    begin = np.maximum(start[:, None], _LAUNCH) + rng.exponential(wait).astype(np.int64)
    end = begin + 20 + (30.4 * rng.exponential(_LINE_LIFE, (n, 3))).astype(np.int64)
    is_main = main[:, None] == np.arange(3)
    end = np.where(is_main, end - begin + start[:, None], end)
    begin = np.where(is_main, start[:, None], np.where(wants, begin, _NEVER))
    first_end = np.take_along_axis(end, main[:, None], axis=1)
    begin = np.where(is_main | (begin < np.minimum(first_end, _END)), begin, _NEVER)
    return begin, end


def _leaving(
    rng: np.random.Generator, start: _Ints, service: _Floats, price: _Floats
) -> tuple[_Ints, NDArray[np.str_]]:
    """Draw the day and reason of leaving over service or price after a start; _NEVER and "" if none."""
    u = rng.random(service.shape)
    hit = (u < service + price) & (np.arange(_MONTHS) > _month(start)[:, None])
    month = hit.argmax(axis=1)
    by_service = np.take_along_axis(u < service, month[:, None], axis=1)[:, 0]
    day = _FIRST[month] + rng.integers(0, 28, start.size)
    leaves = hit.any(axis=1)
    return np.where(leaves, day, _NEVER), np.where(leaves, np.where(by_service, "service", "price"), "")


def _rows(lives: _Lives, client: _Ints) -> _Lives:
    """Pick the lives of the clients at these positions."""
    return _Lives(*(getattr(lives, field.name)[client] for field in fields(lives)))


def _present(lives: _Lives, day: _Ints) -> _Bools:
    """Tell whether each of n clients is with the plant on each day; day is (days,) or (n, 1)."""
    again = (lives.back[:, None] <= day) & (day < lives.left_again[:, None])
    present: _Bools = (lives.begin.min(axis=1)[:, None] <= day) & ((day < lives.left[:, None]) | again)
    return present


def _activity(rng: np.random.Generator, traits: pd.DataFrame, lives: _Lives) -> tuple[_Floats, _Floats]:
    """Draw the orders to expect a day and a factor on their volume, (n, days) over the records."""
    n = len(traits)
    day = np.arange(_DAY_0, _END)
    month = _DAYS.astype("datetime64[M]").astype(int) % 12
    date = (_DAYS - _DAYS.astype("datetime64[M]")).astype(int) + 1
    holiday = ((month == 11) & (date >= 24) & (date <= 26)) | ((month == 0) & (date == 1))
    works = (np.is_busday(_DAYS) & ~holiday) * 7 / 5
    fade = np.ones((n, day.size))
    for end in (lives.left, lives.left_again):
        length = rng.uniform(60, 230, (n, 1))
        depth = np.where(rng.random((n, 1)) < 0.7, rng.uniform(0.3, 0.75, (n, 1)), 0.0)
        into = (day - end[:, None] + length) / length
        fade *= np.where(into > 1, 1.0, 1 - depth * np.clip(into, 0, 1))
    rate = _present(lives, day) * works * _SEASON[month] * np.sqrt(fade) / traits["gap"].to_numpy()[:, None]
    walk = np.empty((n, _MONTHS - _RECORDS))
    walk[:, 0] = 0.35 * rng.standard_normal(n)
    for t in range(1, walk.shape[1]):
        walk[:, t] = 0.94 * walk[:, t - 1] + 0.35 * np.sqrt(1 - 0.94**2) * rng.standard_normal(n)
    volume = np.exp(walk)[:, _month(day) - _RECORDS] * fade
    return rate, volume


def _purchases(rng: np.random.Generator, traits: pd.DataFrame, rates: _Floats) -> tuple[_Ints, _Ints]:
    """Draw client and day of each purchase, by day: gamma gaps of shape 3.5, counted in expected orders."""
    expected = rates.cumsum(axis=1)
    older = traits["start"].to_numpy() < _DAY_0
    first = rng.random(len(traits))[:, None] * np.where(older, 1.0, 0.4)[:, None]
    steps = rng.gamma(3.5, 1 / 3.5, (len(traits), int(expected[:, -1].max() * 1.5) + 30))
    marks = np.hstack([first, first + steps.cumsum(axis=1)])
    days = [np.unique(np.searchsorted(e, m[m < e[-1]])) for e, m in zip(expected, marks, strict=True)]
    client = np.repeat(np.arange(len(traits)), [d.size for d in days])
    day = np.concatenate(days) + _DAY_0
    by_day = np.lexsort((client, day))
    return client[by_day], day[by_day]


def _order_lines(
    rng: np.random.Generator,
    *,
    traits: pd.DataFrame,
    lives: _Lives,
    latent: _Floats,
    rates: _Floats,
    volumes: _Floats,
) -> pd.DataFrame:
    """Draw one row a purchase and line: numbers of client and day, quantity, prices, delivery, returns."""
    client, day = _purchases(rng, traits, rates)
    alive = (lives.begin[client] <= day[:, None]) & (day[:, None] < lives.end[client])
    wish = np.where(alive, rng.random((client.size, 3)) / [0.9, 0.6, 0.6], np.inf)
    order, line = np.nonzero(alive & ((wish < 1) | (wish == wish.min(axis=1, keepdims=True))))
    client, day = client[order], day[order]
    month = _month(day)
    size = traits["size"].to_numpy()[client] * np.array([1.0, 0.9, 1.5])[line]
    wanted = size * volumes[client, day - _DAY_0] * np.exp(0.35 * rng.standard_normal(order.size))
    discount = traits["acquisition_discount"].to_numpy()[client] + 0.01 * rng.standard_normal(order.size)
    frame = pd.DataFrame(
        {
            "client": client,
            "day": day,
            "order": order,
            "product_line": _LINES[line],
            "kind": "sale",
            "list_price": _LINE_PRICE[line] * _price_index(month),
            "quantity": wanted / _LINE_PRICE[line],
            "discount": np.clip(discount, 0, 0.2).round(3),
        }
    )
    frame = _with_delivery(rng, frame, latent[client, month, 1])
    return _with_returns(rng, _with_giant(rng, frame, traits))


def _price_index(month: _Ints) -> _Floats:
    """Give list prices against 2017: set each half-year, with the dear timber of 2021 and 2022."""
    half_year = (month - _RECORDS) // 6 / 2
    return np.interp(half_year, [0, 4, 4.5, 5.5, 7, 9], [1.0, 1.07, 1.18, 1.30, 1.22, 1.27])


def _with_delivery(rng: np.random.Generator, frame: pd.DataFrame, timing: _Floats) -> pd.DataFrame:
    """Add promised and delivered days; the worse the latent timing, the more orders come late."""
    per_order = frame.groupby("order")["order"].ngroup().to_numpy()
    _, place = np.unique(per_order, return_index=True)
    lead = rng.integers(8, 24, place.size)
    late = rng.random(place.size) < _logistic(-1.6 + 0.7 * (7.0 - timing[place]))
    slip = np.where(late, 1 + rng.geometric(0.22, place.size), -rng.binomial(2, 0.3, place.size))
    promised = frame["day"] + lead[per_order]
    return frame.assign(promised=promised, delivered=promised + slip[per_order])


def _with_giant(rng: np.random.Generator, frame: pd.DataFrame, traits: pd.DataFrame) -> pd.DataFrame:
    """Scale up the largest old client to 22-25 % of the last twelve months' sales."""
    money = frame["quantity"] * frame["list_price"] * (1 - frame["discount"])
    last = money[frame["day"] >= _END - 365].groupby(frame["client"]).sum()
    older = last[traits["start"].to_numpy()[last.index] < _DAY_0]
    giant = older.index.to_numpy()[older.argmax()]
    share = rng.uniform(0.22, 0.25)
    factor = share / (1 - share) * (last.sum() - older.max()) / older.max()
    return frame.assign(quantity=frame["quantity"].where(frame["client"] != giant, frame["quantity"] * factor))


def _with_returns(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Round, put a price on each row, and send about 1 % of the rows back in part some days later."""
    frame = frame.assign(quantity=frame["quantity"].clip(lower=0.5).round(1))
    back = frame[rng.random(len(frame)) < 0.01]
    back = back.assign(
        day=back["delivered"] + rng.integers(2, 25, len(back)),
        quantity=-(back["quantity"] * rng.uniform(0.1, 0.9, len(back))).round(1).clip(lower=0.1),
        kind="return",
        order=back["order"] + len(frame),
        promised=_NEVER,
        delivered=_NEVER,
    )
    frame = pd.concat([frame, back[back["day"] < _END]])
    frame["list_amount"] = (frame["quantity"] * frame["list_price"]).round(2)
    frame["amount"] = (frame["list_amount"] * (1 - frame["discount"])).round(2)
    return frame.sort_values(["day", "client", "order", "product_line"], ignore_index=True)


def _surveys(
    rng: np.random.Generator, *, traits: pd.DataFrame, lives: _Lives, latent: _Floats, orders: pd.DataFrame
) -> pd.DataFrame:
    """Draw all invitations with their answers, in order of date."""
    sales = orders[orders["kind"] == "sale"]
    recent = np.zeros((len(traits), _MONTHS + 1), dtype=bool)  # bought within half a year: whom the plant asks
    for back in range(6):
        recent[sales["client"], np.minimum(_month(sales["day"].to_numpy()) + 1 + back, _MONTHS)] = True
    asked = recent[:, _SURVEYS:_MONTHS]
    client, month = np.nonzero(asked)
    month += _SURVEYS
    waves = {
        "monthly": (client + month) % 3 == 0,
        "quarterly": month % 3 == 0,
        "annual": month % 12 == 11,
    }
    frames = [
        _wave(rng, wave, client=client[chosen], month=month[chosen], traits=traits, lives=lives, latent=latent)
        for wave, chosen in waves.items()
    ]
    return pd.concat(frames).sort_values(["day", "client", "wave"], ignore_index=True)


def _wave(
    rng: np.random.Generator,
    wave: str,
    *,
    client: _Ints,
    month: _Ints,
    traits: pd.DataFrame,
    lives: _Lives,
    latent: _Floats,
) -> pd.DataFrame:
    """Draw one wave's answers; client and month of each invitation, both of length k."""
    k = client.size
    day = _FIRST[month] + {"monthly": 15, "quarterly": 1, "annual": 5}[wave]
    day += rng.integers(0, {"monthly": 3, "quarterly": 8, "annual": 14}[wave], k)
    day = np.busday_offset(_ORIGIN + day, 0, roll="forward").astype(np.int64) - _ORIGIN.astype(np.int64)
    phone = rng.random(k) < {"monthly": 1.0, "quarterly": 0.5, "annual": 0.0}[wave]
    state = latent[client, month]
    satisfaction = _satisfaction(state)
    gone = ~_present(_rows(lives, client), day[:, None])[:, 0]
    readiness = 0.25 + 0.4 * (satisfaction - 7.5) + 0.4 * phone + traits["answers"].to_numpy()[client]
    answers = rng.random(k) < _logistic(readiness - 1.8 * gone)
    points = np.column_stack([0.9 * satisfaction + 0.1 * state[:, 3] + 0.1, state])
    points += (traits["bias"].to_numpy()[client] + 0.3 * phone)[:, None] + rng.standard_normal((k, 5))
    scores = np.clip(np.round(points), 0, 10)
    empty = ~answers[:, None] | (np.arange(5) > 0) & ((wave == "monthly") | (rng.random((k, 5)) < 0.04))
    scores[empty] = np.nan
    frame = pd.DataFrame({"client": client, "day": day, "wave": wave, "mode": np.where(phone, "phone", "web")})
    frame[["recommend", *_FACTORS]] = scores
    frame["reason"] = np.where(answers, _reasons(rng, scores[:, 0], state), "")
    return frame


def _reasons(rng: np.random.Generator, recommend: _Floats, state: _Floats) -> NDArray[np.str_]:
    """Name the main reason for the score: a critic what is worst, a promoter what is best, some nothing."""
    felt = state - _LEVEL + 0.7 * rng.standard_normal(state.shape) - [0, 0, 0, 0.3]
    sign = np.where(recommend >= 8, 1.0, -1.0)[:, None]
    named = np.array(_FACTORS)[(sign * felt).argmax(axis=1)]
    other = rng.choice(["assortment", "logistics", "documents"], named.size)
    draw = rng.random(named.size)
    return np.where(draw < 0.25, "", np.where(draw < 0.37, other, named))


def _date(day: _Ints, before: int = _END) -> NDArray[np.datetime64]:
    """Turn days since the origin into dates; from the given day on (the records' end) into empty ones."""
    return np.where(day < before, _ORIGIN + day, np.datetime64("NaT")).astype("datetime64[us]")


def _orders_table(orders: pd.DataFrame, ids: NDArray[np.str_]) -> pd.DataFrame:
    """Lay out the orders as a plant hands them over, with order numbers in order of date."""
    number = (200000 + (~orders["order"].duplicated()).cumsum()).astype(str)
    return pd.DataFrame(
        {
            "client_id": ids[orders["client"]],
            "order_date": _date(orders["day"].to_numpy()),
            "order_id": number,
            "product_line": orders["product_line"],
            "kind": orders["kind"],
            "amount": orders["amount"],
            "quantity": orders["quantity"],
            "list_amount": orders["list_amount"],
            "promised_date": _date(orders["promised"].to_numpy(), before=_NEVER),
            "delivered_date": _date(orders["delivered"].to_numpy()),
        }
    )


def _clients_table(traits: pd.DataFrame) -> pd.DataFrame:
    """Lay out the clients as a plant hands them over."""
    columns = ["client_id", "name", "segment", "region", "manager_id", "start_date", "acquired_by"]
    frame = traits.assign(
        manager_id="M" + (traits["manager"] + 1).astype(str), start_date=_date(traits["start"].to_numpy())
    )
    return frame[[*columns, "acquisition_discount"]].reset_index(drop=True)


def _surveys_table(surveys: pd.DataFrame, ids: NDArray[np.str_]) -> pd.DataFrame:
    """Lay out the invitations as a plant hands them over."""
    head = pd.DataFrame({"client_id": ids[surveys["client"]], "survey_date": _date(surveys["day"].to_numpy())})
    scores = surveys[["recommend", *_FACTORS, "reason"]]
    return pd.concat([head, surveys[["wave", "mode"]].assign(invited=True), scores], axis=1)


def _truth_clients(traits: pd.DataFrame, lives: _Lives) -> pd.DataFrame:
    """See :class:`Plant`."""
    again = lives.back < _NEVER
    frame = traits[["client_id", "frailty", "bias"]].assign(
        left_on=_date(np.where(again, lives.left_again, lives.left)),
        reason=np.where(again, lives.reason_again, lives.reason),
    )
    return frame.reset_index(drop=True)


def _truth_departures(lives: _Lives, ids: NDArray[np.str_]) -> pd.DataFrame:
    """See :class:`Plant`; leavings within the records only."""
    first = pd.DataFrame({"client_id": ids, "left": lives.left, "reason": lives.reason, "back": lives.back})
    again = first.assign(left=lives.left_again, reason=lives.reason_again, back=_NEVER)
    both = pd.concat([first, again]).query("@_DAY_0 <= left < @_END").sort_values(["left", "client_id"])
    return pd.DataFrame(
        {
            "client_id": both["client_id"].to_numpy(),
            "left_on": _date(both["left"].to_numpy()),
            "reason": both["reason"].to_numpy(),
            "returned_on": _date(both["back"].to_numpy()),
        }
    )


def _truth_lines(lives: _Lives, ids: NDArray[np.str_]) -> pd.DataFrame:
    """See :class:`Plant`; lines bought within the records only."""
    last = np.where(lives.back < _NEVER, lives.left_again, lives.left)
    end = np.minimum(lives.end, last[:, None])
    client, line = np.nonzero((lives.begin < np.minimum(end, _END)) & (end > _DAY_0))
    return pd.DataFrame(
        {
            "client_id": ids[client],
            "product_line": _LINES[line],
            "begins_on": _date(lives.begin[client, line]),
            "ends_on": _date(end[client, line]),
        }
    )


def _truth_satisfaction(
    lives: _Lives, ids: NDArray[np.str_], *, latent: _Floats, service: _Floats, price: _Floats
) -> pd.DataFrame:
    """See :class:`Plant`; the hazard adds service, price and the end of need for who has one line left."""
    month_starts = _FIRST[_RECORDS:_MONTHS]
    alive = (lives.begin[:, :, None] <= month_starts) & (month_starts < lives.end[:, :, None])
    need = np.where(alive.sum(axis=1) == 1, (alive / _LINE_LIFE[:, None]).sum(axis=1), 0.0)
    client, t = np.nonzero(_present(lives, month_starts))
    again = np.where(month_starts[t] >= lives.back[client], 1.2, 1.0)
    month = t + _RECORDS
    state = latent[client, month]
    frame = pd.DataFrame({"client_id": ids[client], "month": _STARTS[month].astype("datetime64[M]").astype(str)})
    frame[_FACTORS[:3]] = state[:, :3]
    frame["satisfaction"] = _satisfaction(state)
    frame["hazard"] = again * (service + price)[client, month] + need[client, t]
    return frame


_MAPPING = """\
# The plant is made up: its firms do not exist, so that pages may show their names.
show_names = true
"""

_README = """\
# The sample plant

A made-up plant that makes wood panels, with about 200 clients at the end of nine years of records,
2017 to 2025. No firm, order or answer in it is real. `python -m churnlab.tables.plant data/sample`
makes it, byte for byte the same each time. Free for any use (CC0 1.0, no rights reserved).

## Tables

`orders.csv`: one row a product line of an order.

- client_id, order_date, order_id, product_line
- kind: sale or return
- amount: EUR, net of tax and discount; returns are negative
- quantity: cubic metres
- list_amount: EUR, at list price
- promised_date, delivered_date: empty if not delivered by the end of the records, and for returns

`clients.csv`: one row a client with an order in the records.

- client_id, name, segment, region, manager_id
- start_date: may lie before the records
- acquired_by: price, service or referral
- acquisition_discount: share of the list price

`surveys.csv`: one row an invitation; scores are empty if not asked for or not answered.

- client_id, survey_date
- wave: monthly, quarterly or annual; mode: phone or web; invited: always true
- recommend, quality, timing, attention, price: 0 to 10
- reason: the main reason given for the score of `recommend`

`mapping.toml` says only that names may be shown.

## What is planted

- Three lines: particleboard, bought by nearly all and for long; cement-bonded board, sold since
  April 2017 and bought for three to four years; house building, since January 2024, for one to two.
  Each client has its own life with each line.
- Each client orders in its own rhythm, more regular than chance (gamma gaps of shape 3.5). There is
  a building season, a quiet January and a pause in July. Seven in ten leavers order less and less
  often in their last two to eight months; the volumes of the others wander too.
- Clients leave over service (the lower their satisfaction, the sooner: a factor of 1.7 a point), over
  price (when a competitor makes an offer; campaigns treble the offers, and clients won on price take
  them more readily), or because the need has ended. Some are frailer than others (log-normal);
  referred ones leave less over service. Some come back after nine months to two and a half years, and
  leave a fifth more easily from then on.
- Satisfaction weighs quality .40, timing .35 and attention .25. It has a level of the client's own and
  moves slowly. Timing was poor in 2021 and 2022. Where timing is low, more deliveries are late.
- Surveys, since 2019, go to clients that ordered in the six months before. The dissatisfied answer
  less, and those that have silently left much less. A score is the latent value and the client's bias
  (standard deviation 0.6), noise (1.0) and 0.3 on the phone. The monthly wave asks a third of the
  clients each time, and only `recommend`.
- About 1 % of the rows are returns. One old client makes more than a fifth of the last year's sales.

## Truth

`truth/` holds what no plant can know; models do not read it.

- `clients.csv`, a client: frailty (factor on the hazards of service and price), bias (points), left_on
  and reason (service, price, need) of the leaving that lasted, empty for a client still there
- `departures.csv`, a leaving within the records: left_on, reason, returned_on (empty if for good)
- `lines.csv`, a client and line: begins_on, ends_on (empty if still bought)
- `satisfaction.csv`, a client and month with the plant: latent quality, timing, attention and
  satisfaction (0 to 10), hazard (chance of leaving in that month)
"""


def main() -> None:
    """Write the sample plant into the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Write the made-up sample plant as CSV files.")
    parser.add_argument("folder", type=Path, help="made if it is not there; files of the same names are replaced")
    write_plant(make_plant(), parser.parse_args().folder)


if __name__ == "__main__":
    main()
