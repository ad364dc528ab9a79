"""The call list as frames: who can be called, in whose hours, with what at hand, and other orders beside it."""

from typing import Any, Final

import numpy as np
import pandas as pd

from churnlab.answers.account_book import account_book
from churnlab.answers.calling import Calling
from churnlab.answers.follow_up import managers_now
from churnlab.answers.key_clients import who_is_key
from churnlab.answers.no_contact import not_to_be_contacted
from churnlab.answers.numbered import numbered
from churnlab.answers.occasions import coming_days, last_contacts, unspoken_failures, weakest_factor
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import listed, percent, shortened
from churnlab.answers.worth import YEARLY_RATE, what_are_they_worth
from churnlab.demand import choose, in_order, lost_by_leaving
from churnlab.risk import fit_known
from churnlab.value import Staying, discounted_stay

ALL_MANAGERS: Final = "all managers together"
"""Whose list it is where nothing says who looks after whom."""

CALL: Final = "call"
VISIT: Final = "visit"
"""Key clients by volume are visited, others called."""

RESULTS: Final = (
    "client_id", "as_of", "risk_months", "horizon_months", "discount_rate", "risk", "value", "months", "near_months",
    "stays", "at_risk", "low", "high", "helps", "helps_low", "helps_high", "minutes", "key", "manager_id",
    "manager_minutes", "manager_places", "listed", "held_out", "held_out_share", "seed",
)  # fmt: skip
"""Columns of ``results/calls.parquet``."""

OURS: Final = "value at risk, best within the hours"


def list_again(written: pd.DataFrame) -> "pd.Series[bool]":
    """Compute the list from its inputs.

    Parameters
    ----------
    written : DataFrame
        ``results/calls.parquet`` of one run, of which ``risk``, ``value``, ``months``, ``near_months``,
        ``stays``, ``risk_months``, ``horizon_months``, ``discount_rate``, ``helps``, ``minutes``, ``key``,
        ``manager_id``, ``manager_minutes`` and ``manager_places`` count.

    Returns
    -------
    Series of bool
        Who is on the list, aligned with the rows.
    """
    rows = written.sort_values("client_id")  # of clients alike in all the first by name, in whatever order they stand
    if rows.empty:
        return pd.Series([], index=written.index, dtype=bool)
    chosen = choose(rows["helps"] * rows["risk"] * _lost(rows), rows["minutes"], rows["key"], **_limits(rows))
    return pd.Series(chosen, index=rows.index).reindex(written.index)


def _lost(rows: pd.DataFrame) -> "pd.Series[float]":
    first = rows.iloc[0]
    lost = lost_by_leaving(
        *(rows[name] for name in ("value", "months", "near_months", "stays")),
        risk_months=int(first["risk_months"]),
        horizon=int(first["horizon_months"]),
        yearly_rate=float(first["discount_rate"]),
    )
    return pd.Series(lost, index=rows.index)


def _limits(rows: pd.DataFrame) -> dict[str, Any]:
    """Manager of each row, and minutes and places of each manager."""
    manager, names = pd.factorize(rows["manager_id"], sort=True)  # -1 where there is none
    limits = rows.groupby("manager_id")[["manager_minutes", "manager_places"]].first().reindex(names)
    return {"manager": manager, "capacity": limits["manager_minutes"], "places": limits["manager_places"]}


def clients_at_risk(study: Study, given: Calling) -> pd.DataFrame:
    """Clients with a risk that are worth something: what leaving takes, and what contacting them does."""
    risk, worth = study.ask(who_is_at_risk), study.ask(what_are_they_worth)
    names = ["client_id", "risk", "low", "high", "amount_12m", "reasons"]
    risks = risk.clients[names] if len(risk.clients) else pd.DataFrame({name: [] for name in names})
    known = worth.valued.loc[worth.valued["value"] > 0, ["client_id", "value", "mean_low", "mean_high", "months"]]
    frame = risks.rename(columns={"low": "risk_low", "high": "risk_high"}).astype({"client_id": "str"})
    frame = frame[~frame["client_id"].isin(not_to_be_contacted(study))]
    frame = frame.merge(known, on="client_id").sort_values("client_id", ignore_index=True)
    frame = frame.join(_near(frame, study, months=min(risk.horizon_months, worth.horizon_months)))
    marked, members = study.ask(who_is_key).key, account_book(study).clients
    large = members["group"].isin(marked.loc[marked["by_volume"], "group"])
    key = frame["client_id"].isin(members.loc[large, "client_id"])
    frame = frame.assign(
        as_of=study.as_of,
        risk_months=min(risk.horizon_months, worth.horizon_months),
        horizon_months=worth.horizon_months,
        discount_rate=YEARLY_RATE,
        helps=given.helps,
        helps_low=given.helps_low,
        helps_high=given.helps_high,
        key=key,
        kind=np.where(key, VISIT, CALL),
        minutes=np.where(key, given.visit_minutes, given.call_minutes),
        held_out_share=given.held_out_share,
        seed=study.seed,
    )
    lost = _lost(frame) if len(frame) else pd.Series([], dtype="float64")
    return frame.assign(
        lost=lost,
        at_risk=frame["risk"] * lost,
        low=frame["risk_low"] * lost * frame["mean_low"].clip(lower=0.0) / frame["value"],
        high=frame["risk_high"] * lost * frame["mean_high"] / frame["value"],
    )


def _near(frame: pd.DataFrame, study: Study, *, months: int) -> pd.DataFrame:
    """Months that clients are expected to be there within the risk's horizon, and the chance that they are at its end.

    By the hazard on which value rests; by a constant one where no regression of it could be fitted.
    """
    spec = study.ask(who_is_at_risk).hazard
    model = None if spec is None or frame.empty else fit_known(study.tables, study.lives(), spec=spec, rule=study.rule)
    nobody, zeros = np.zeros((1, 1, 1)), np.zeros(len(frame), dtype=np.int64)
    if model is None or model.horizon_months != months:
        stays = (1 - frame["risk"]).to_numpy(np.float64)
        hazard = 1 - stays[:, None, None] ** (1 / months)
        nothing = np.zeros((len(frame), 0))
        staying = Staying(nothing, nothing, np.zeros((1, 0)), 0, hazard, zeros, np.arange(len(frame)))
    else:
        today = study.today.set_index("client_id").loc[frame["client_id"]]
        today = today.assign(amount_12m=today["amount_12m"].clip(lower=0.0)).reset_index()
        stays = 1 - model.risk(today)
        staying = Staying(*model.design(today), model.fit.coefficients[None, :], months, nobody, zeros, zeros)
    near = discounted_stay(staying, horizon=months, yearly_rate=YEARLY_RATE)[:, 0] if len(frame) else np.zeros(0)
    return pd.DataFrame({"near_months": near, "stays": stays}, index=frame.index)


def with_managers(frame: pd.DataFrame, study: Study, given: Calling) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add whose each client is, with minutes and places.

    Parameters
    ----------
    frame : DataFrame
        From :func:`clients_at_risk`.
    study : Study
        A prepared dataset.
    given : Calling
        Inputs.

    Returns
    -------
    clients : DataFrame
        With ``manager_id``, ``manager_minutes``, ``manager_places``.
    managers : DataFrame
        ``manager_id``, ``hours`` (for it, a month), ``known``, ``places``.
    """
    whose = managers_now(study, frame["client_id"]).astype("str")
    managers = _managers(whose, study.tables.managers, given)
    if whose.isna().all():
        whose = pd.Series(ALL_MANAGERS, index=frame.index, dtype="str")
    by = managers.set_index("manager_id")
    minutes = np.floor(60 * by["hours"] + 1e-9)  # a whole minute is not lost to rounding
    limits = {"manager_minutes": minutes, "manager_places": by["places"]}
    known = {name: whose.map(each).fillna(0).astype("int64") for name, each in limits.items()}
    return frame.assign(manager_id=whose, **known), managers


def _managers(whose: "pd.Series[str]", table: pd.DataFrame | None, given: Calling) -> pd.DataFrame:
    """Hours and places of every manager with clients; of all together where nobody is known to look after anyone."""
    there = pd.DataFrame({"manager_id": pd.Series([], dtype="str")}) if table is None else table
    said = there.set_index("manager_id").get("hours_per_month", pd.Series(dtype="float64")).astype("float64")
    names = sorted(whose.dropna().unique()) or list(there["manager_id"]) or [ALL_MANAGERS]
    hours = said.reindex(names)
    frame = pd.DataFrame(
        {
            "manager_id": pd.Series(names, dtype="str"),
            "hours": hours.fillna(given.hours_per_month).clip(lower=0.0).to_numpy() * given.hours_share,
            "known": hours.notna().to_numpy(),
            "places": given.key_places,
        }
    )
    if whose.notna().any():
        return frame
    sums = {"hours": frame["hours"].sum(), "known": frame["known"].all(), "places": frame["places"].sum()}
    return pd.DataFrame({"manager_id": pd.Series([ALL_MANAGERS], dtype="str"), **{k: [v] for k, v in sums.items()}})


def used_hours(managers: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what the list takes of each manager's hours: ``used``, ``calls``, ``visits``; held-out clients count too."""
    chosen = frame[frame["listed"]]
    of = managers["manager_id"]
    used = of.map(chosen.groupby("manager_id")["minutes"].sum() / 60).fillna(0.0).astype("float64")
    kinds = {
        f"{kind}s": of.map(chosen[chosen["kind"] == kind].groupby("manager_id").size()).fillna(0).astype("int64")
        for kind in (CALL, VISIT)
    }
    return managers.assign(used=used, **kinds)


def at_hand(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add what a caller should know: last contact, failures nobody spoke of, occasions, and the topic."""
    spoken, topics = last_contacts(study), weakest_factor(study)
    found = {
        "last_contact": spoken["date"],
        "last_kind": spoken["kind"],
        "failures": unspoken_failures(study),
        "occasions": coming_days(study),
        "topic": topics["factor"],
        "topic_score": topics["score"],
    }
    known = {name: each.reindex(frame["client_id"]).set_axis(frame.index) for name, each in found.items()}
    return frame.assign(**known | {"failures": known["failures"].fillna(0).astype("int64")})


def beside(frame: pd.DataFrame) -> pd.DataFrame:
    """The list beside lists within the same limits in other orders.

    Parameters
    ----------
    frame : DataFrame
        Clients with ``listed``.

    Returns
    -------
    DataFrame
        ``order``, ``clients``, ``shared`` (with the list), ``at_risk``, ``low``, ``high``.
    """
    rows = frame.sort_values("client_id")
    lists = {OURS: rows["listed"].astype(bool)}
    if len(rows):
        limits = _limits(rows)
        for name, column in (("risk alone", "risk"), ("sales of last year alone", "amount_12m")):
            taken = in_order(rows[column], rows["minutes"], rows["key"], **limits)
            lists[name] = pd.Series(taken, index=rows.index)
    return pd.DataFrame(
        [
            {
                "order": name,
                "clients": int(taken.sum()),
                "shared": int((taken & lists[OURS]).sum()),
                **{each: float(rows.loc[taken, each].sum()) for each in ("at_risk", "low", "high")},
            }
            for name, taken in lists.items()
        ]
    )


def what_is_missing(study: Study, frame: pd.DataFrame, managers: pd.DataFrame) -> tuple[str, ...]:
    """What the tables do not hold, and which clients no list can hold."""
    tables, said = study.tables, []
    if len(managers) and managers["manager_id"].iloc[0] == ALL_MANAGERS:
        said.append("Nothing says who looks after whom: one list is made for all managers together.")
    unknown = [shortened(name) for name in managers.loc[~managers["known"], "manager_id"]]
    if unknown:
        said.append(f"How many hours {listed(unknown)} have is not recorded: the stated input is taken.")
    alone = frame[frame["manager_id"].isna()]
    if len(alone):
        part = percent(alone["at_risk"].sum() / frame["at_risk"].sum())
        clients = numbered(len(alone), "client")
        verb = "has" if len(alone) == 1 else "have"
        said.append(f"{clients} with {part} of the value at risk {verb} no manager, and so no hours.")
    if tables.touches is None:
        said.append("When clients were last spoken to is not known: touches are not recorded.")
    if tables.failures is None:
        said.append("Which failures nobody spoke of is not known: failures are not recorded.")
    if tables.surveys is None:
        said.append("No topic can be suggested: there are no surveys.")
    if tables.clients is None or "contract_date" not in tables.clients:
        said.append("Days of contracts are not known.")
    if tables.contacts is None:
        said.append("Birthdays are not known: there is no table of contacts.")
    elif "birthday" not in tables.contacts:
        coded = study.lookup is not None
        said.append("Birthdays are left out, as names are." if coded else "Birthdays are not known.")
    return tuple(said)
