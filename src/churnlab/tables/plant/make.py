"""Making a plant: everything drawn in turn, laid out as the tables that a plant would hand over."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.tables.plant import people
from churnlab.tables.plant.clock import (
    END,
    END_DAY,
    FIRST,
    NEVER,
    RECORDS,
    Bools,
    Ints,
    dates,
    working_day,
)
from churnlab.tables.plant.course import Course, run_course
from churnlab.tables.plant.deliveries import draw_deliveries
from churnlab.tables.plant.laws import AS_IS, LAWS, SEGMENTS, Law, Policy
from churnlab.tables.plant.month import FAILURES
from churnlab.tables.plant.names import labelled
from churnlab.tables.plant.orders import draw_orders
from churnlab.tables.plant.purchases import draw_purchases
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.surveys import FACTORS, REASONS, WAVES, draw_surveys
from churnlab.tables.plant.traits import (
    ACQUIRED,
    LINES,
    MERGED_ON,
    OLD_NUMBER,
    REGIONS,
    RETAIL,
    Traits,
    draw_traits,
)
from churnlab.tables.plant.truth import truth_tables

SEED = 9
"""Of the plant in ``data/sample``: the first from 1 up for which every one of its `facts` holds."""


MENDED = 246
"""July 2022: a new unloading routine, halfway up from two years of poor timing."""

_SITE_OPENED = 268  # May 2024: a web site that moves nobody
_LINES_BOUGHT = 2.4  # what a client needs of all lines and from anyone, against one line of ours
_ASKED = 30


@dataclass(frozen=True, slots=True)
class Plant:
    """The tables of a made-up plant and the truth behind them.

    Attributes
    ----------
    law : str
        By which it was drawn.
    clients : int
        About how many clients are there at the end of the records, as asked for.
    seed : int
        With which it was drawn.
    tables : dict of DataFrame
        The tables of the data contract by name, as a plant would hand them over. Text that repeats is
        categorical, days are ``datetime64[us]``.
    truth : dict of DataFrame
        What no plant can know. plant: law, clients and seed, to run it again. clients: frailty (factor on the
        rates of leaving over service and of taking offers), bias (points added to every score), left_on and reason
        of the leaving that lasted. departures: left_on, reason (service, price, personal, closed, need),
        returned_on. lines: begins_on and ends_on of each need of a line. satisfaction: in each month that a client
        begins with the plant, latent quality, timing, attention and satisfaction (0 to 10), and the chance of
        leaving in that month: over service (hazard_service), over price (hazard_price), over anything (hazard).
    """

    law: str
    clients: int
    seed: int
    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]


def make_plant(
    *, law: str = "service", clients: int = 200, seed: int = SEED, policy: Policy = AS_IS, policy_from: int = END
) -> Plant:
    """Draw a plant.

    Parameters
    ----------
    law : str
        A name in `LAWS`.
    clients : int
        About how many clients are there at the end of the records; 20 or more.
    seed : int
        From 0 up; the same seed gives the same plant.
    policy : Policy
        What the plant does from `policy_from` on, in place of what it does as is.
    policy_from : int
        Month since January 2002, within the records (180 to 288); their end, January 2026, if not given.

    Returns
    -------
    Plant

    Raises
    ------
    ValueError
        If the law is not known, the seed negative, the number of clients under 20, or the month outside the records.

    Examples
    --------
    >>> plant = make_plant()
    >>> sorted(plant.tables["orders"]["product_line"].unique())
    ['cement-bonded', 'house-building', 'particleboard']
    """
    chosen = law_named(law)
    if not RECORDS <= policy_from <= END:
        raise ValueError(f"policy_from: expected a month from {RECORDS} to {END}, came {policy_from}")
    streams = Streams(seed)
    traits = draw_traits(streams, law=chosen, clients=clients)
    course = run_course(streams, traits, law=chosen, policy=policy, policy_from=policy_from)
    purchases = draw_purchases(streams, traits, law=chosen, lives=course.lives)
    known = np.unique(purchases.client)
    deliveries = draw_deliveries(streams, course=course, purchases=purchases)
    orders = draw_orders(streams, traits, course=course, purchases=purchases, deliveries=deliveries)
    born = people.birthdays(streams("birthdays"), traits)
    closed = people.closures(streams("closures"), course, traits.start.size)
    surveys = draw_surveys(streams, traits, course=course, purchases=purchases)
    surveys = surveys[surveys["day"].to_numpy() < closed[surveys["client"]]].reset_index(drop=True)
    tables = {
        "orders": _orders(orders, traits),
        "clients": _clients(streams, traits, course=course, known=known, closed=closed),
        "surveys": _surveys(surveys, traits),
        "touches": people.touches(streams, traits, course=course, purchases=purchases, born=born, closed=closed),
        "failures": people.failures(traits, course=course, deliveries=deliveries),
        "offers_seen": people.offers_seen(traits, course=course),
        "losses": people.losses(streams, traits, course=course, purchases=purchases),
        "contacts": people.contacts(streams, traits, known, born=born),
        "managers": people.managers(streams, traits),
        "merges": people.merges(traits),
        "rates": _rates(streams("krona")),
        "changes": _changes(),
    }
    drawn = pd.DataFrame({"law": [law], "clients": [clients], "seed": [seed]})
    truth = {"plant": drawn, **truth_tables(traits, course, known)}
    return Plant(law, clients, seed, _of_known(tables, traits, known), _of_known(truth, traits, known))


def law_named(name: str) -> Law:
    """Look a law up.

    Parameters
    ----------
    name : str
        A key of `LAWS`.

    Returns
    -------
    Law

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name not in LAWS:
        raise ValueError(f"law: expected one of {', '.join(LAWS)}, came {name!r}")
    return LAWS[name]


def _of_known(tables: dict[str, pd.DataFrame], traits: Traits, known: Ints) -> dict[str, pd.DataFrame]:
    """Leave out rows of clients without an order in the records: the plant's tables do not know them."""
    listed = np.zeros(traits.start.size + 1, dtype=bool)
    listed[[*known, -1]] = True
    for name, table in tables.items():
        if name != "clients" and "client_id" in table:
            codes = table["client_id"].cat.codes.to_numpy()
            if not listed[codes].all():
                tables[name] = table[listed[codes]].reset_index(drop=True)
    return tables


def _rates(rng: np.random.Generator) -> pd.DataFrame:
    """Lay out EUR for a Swedish krona in each month of the records."""
    months = np.arange(RECORDS, END)
    steps = np.cumsum(0.008 * rng.standard_normal(months.size))
    rate = 0.102 * np.exp(steps - 0.015 * (months - RECORDS) / 12)
    return pd.DataFrame({"currency": "SEK", "date": dates(FIRST[months]), "rate": rate.round(5)})


def _changes() -> pd.DataFrame:
    """Lay out what the plant did: it mended its deliveries, and opened a web site that moved nobody."""
    days = FIRST[[MENDED, _SITE_OPENED]]
    what = {"what": ["new unloading routine", "new web site"], "date": dates(days), "factor": ["timing", "attention"]}
    return pd.DataFrame(what)


def _orders(orders: pd.DataFrame, traits: Traits) -> pd.DataFrame:
    """Lay out the orders."""
    client, day = orders["client"].to_numpy(), orders["day"].to_numpy()
    number = orders["number"].astype("str")
    back = orders["kind"] == 1
    number[back] = "R" + number[back]
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, day),
            "order_date": dates(day),
            "amount": orders["amount"],
            "order_id": number,
            "product_line": labelled(orders["line"].to_numpy(), LINES.tolist()),
            "quantity": orders["quantity"],
            "list_amount": orders["list_amount"],
            "cost": orders["cost"],
            "currency": "EUR",
            "kind": labelled(orders["kind"].to_numpy(), ["sale", "return"]),
            "promised_date": dates(orders["promised"].to_numpy(), before=NEVER),
            "delivered_date": dates(orders["delivered"].to_numpy(), before=NEVER),
            "claim": labelled(orders["claim"].to_numpy(), FAILURES.tolist()),
            "manager_id": traits.manager_labels(orders["manager"].to_numpy()),
        }
    )


def _clients(streams: Streams, traits: Traits, *, course: Course, known: Ints, closed: Ints) -> pd.DataFrame:
    """Lay out the clients with an order in the records, and the old number of the merged one."""
    rng, n = streams("client table"), traits.start.size
    contract, elsewhere, error = rng.integers(0, 90, n), rng.exponential(0.35, n), rng.standard_normal(n)
    days, u = rng.choice([14, 30, 45, 60], n, p=[0.2, 0.45, 0.25, 0.1]), rng.random((2, n))
    need = traits.size * 365 / traits.gap * _LINES_BOUGHT * (1 + elsewhere) * np.exp(0.25 * error)
    listed = np.isin(np.arange(n), known)
    lives = course.lives
    last = np.searchsorted(lives.client, np.arange(n), side="right") - 1
    reasons = np.where(lives.reason[last] == 1, "insolvent", "asked to close")
    start: Ints = working_day(traits.start + 1, later=-1)  # that day, or the last working day before
    frame = pd.DataFrame(
        {
            "client_id": traits.labels(np.arange(n)),
            "name": traits.name,
            "parent_id": _labels(traits, traits.parent, listed),
            "segment": SEGMENTS[traits.segment],
            "region": REGIONS[traits.region],
            "manager_id": traits.manager_labels(traits.manager),
            "start_date": dates(start),
            "contract_date": dates(np.minimum(working_day(start + contract), END_DAY - 1)),
            "acquired_by": np.where(traits.segment == RETAIL, "", ACQUIRED[traits.acquired]),
            "acquisition_discount": traits.discount,
            "payment_days": np.where(traits.segment == RETAIL, 0, days).astype(np.float64),
            "potential_amount": (need / 1000).round().clip(1) * 1000,
            "referred_by": _labels(traits, _referrers(traits, course), listed),
            "is_reference": (traits.size > np.quantile(traits.size, 0.8)) & (u[0] < 0.15),
            "is_innovator": u[1] < 0.015,
            "is_demanding": u[1] > 0.97,
            "closed_date": dates(closed),
            "closed_reason": np.where(closed < END_DAY, reasons, ""),
        }
    )
    old = frame.loc[[traits.merged]].assign(
        client_id=OLD_NUMBER, closed_date=dates(FIRST[[MERGED_ON]]), closed_reason="number changed"
    )
    return pd.concat([old, frame[listed]], ignore_index=True).astype({"client_id": "str"})


def _referrers(traits: Traits, course: Course) -> Ints:
    """Give who recommended the plant: the one drawn, or the next older client that was with the plant then."""
    who = traits.referrer.copy()
    for _ in range(_ASKED):
        gone = np.flatnonzero(who >= 0)
        gone = gone[course.lives.at(who[gone], traits.start[gone]) < 0]
        who[gone] -= 1
    gone = np.flatnonzero(who >= 0)
    who[gone[course.lives.at(who[gone], traits.start[gone]) < 0]] = -1
    return who


def _labels(traits: Traits, position: Ints, listed: Bools) -> "pd.Series[str]":
    """Write the ids of other clients, empty where there is none or it is not in the table."""
    there = (position >= 0) & listed[position]
    return pd.Series(np.where(there, traits.client_id[position], ""), dtype="str")


def _surveys(surveys: pd.DataFrame, traits: Traits) -> pd.DataFrame:
    """Lay out the invitations."""
    client, day = surveys["client"].to_numpy(), surveys["day"].to_numpy()
    answered = surveys["recommend"].notna().to_numpy()
    reason = surveys["reason"].to_numpy()
    return pd.DataFrame(
        {
            "client_id": traits.labels(client, day),
            "survey_date": dates(day),
            "wave": labelled(surveys["wave"].to_numpy(), WAVES.tolist()),
            "mode": labelled(surveys["phone"].to_numpy().astype(np.int8), ["web", "phone"]),
            "invited": True,
            "recommend": surveys["recommend"],
            **{name: surveys[name] for name in FACTORS.tolist()},
            "reason": labelled(np.where(answered & (reason < REASONS.size - 1), reason, -1), REASONS[:-1].tolist()),
            "asked_by": traits.manager_labels(surveys["asked_by"].to_numpy()),
        }
    )
