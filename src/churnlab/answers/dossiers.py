"""What is known of each of the largest and riskiest clients, gathered from the other answers for a page of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.answers.called import called
from churnlab.answers.dossier import PARTS, Dossier, Source
from churnlab.answers.dossier_frames import everyone_today, rows_of, sales_by_month, scores_given, similar_who_left
from churnlab.answers.dossier_matters import open_matters
from churnlab.answers.remaining import how_long_will_they_still_stay
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.winback import who_can_be_won_back
from churnlab.answers.words import count
from churnlab.answers.worth import what_are_they_worth

MOST = 200
"""Clients that get a page."""

_BESIDE: Final = ("clients", "surveys", "touches", "failures", "contacts")


@dataclass(frozen=True, slots=True)
class DossiersAnswer:
    """Dossiers of clients, kept as one frame a part.

    Attributes
    ----------
    source : Source
        What all dossiers share: the day, horizons, models, and what is missing.
    clients : DataFrame
        One row a dossier by falling ``size``; :class:`churnlab.answers.dossier.Dossier` lists the columns.
    months : DataFrame
        ``client_id``, ``month``, ``amount``: net sales by month in which there were any.
    scores : DataFrame
        ``client_id``, ``date``, ``score``: recommendation, 0 to 10.
    pushes : DataFrame
        ``client_id``, ``group``, ``part``: what each group of features adds to the log of the hazard.
    failures : DataFrame
        ``client_id``, ``date``, ``kind``, ``severity``, ``handling``, ``cost``; missing where not known.
    touches : DataFrame
        ``client_id``, ``date``, ``kind``, ``manager_id``; missing where not known.
    matters : DataFrame
        ``client_id``, ``matter``: what waits for somebody, in words.
    contacts : DataFrame
        ``client_id``, ``name``, ``role``, ``birthday``; missing where not known or not to be shown.
    similar : DataFrame
        ``client_id``, ``other``, ``left_on``, ``reason``, ``amount``, ``stayed`` (months) and ``gap_days``:
        clients of its line who are away today, the nearest first.
    """

    source: Source
    clients: pd.DataFrame
    months: pd.DataFrame
    scores: pd.DataFrame
    pushes: pd.DataFrame
    failures: pd.DataFrame
    touches: pd.DataFrame
    matters: pd.DataFrame
    contacts: pd.DataFrame
    similar: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """How many have a dossier."""
        return (f"{count(len(self.clients))} of {count(self.source.clients)} clients have a page of their own.",)

    def each(self) -> Iterator[Dossier]:
        """Yield the dossiers one by one, in the order of `clients`."""
        frames = {name: getattr(self, name) for name in PARTS}
        parts = {name: dict(list(frame.groupby("client_id"))) for name, frame in frames.items()}
        for row in self.clients.to_dict("records"):
            own = {name: parts[name].get(row["client_id"], frame.iloc[:0]) for name, frame in frames.items()}
            yield Dossier(self.source, {str(name): value for name, value in row.items()}, **own)


def client_dossiers(study: Study) -> DossiersAnswer:
    """Gather what other answers and the tables tell of each of the largest and riskiest clients.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DossiersAnswer
        Of at most `MOST` clients: those that stand first either by net sales of the year up to the last order, lost
        ones included, or by risk.
    """
    tables, everyone = study.tables, everyone_today(study)
    clients = _chosen(everyone)
    chosen = clients["client_id"]
    return DossiersAnswer(
        source=_source(study, len(everyone)),
        clients=clients,
        months=sales_by_month(tables.orders, chosen),
        scores=scores_given(tables.surveys, chosen),
        pushes=_pushes(study.ask(who_is_at_risk), chosen),
        failures=rows_of(tables.failures, chosen, ("date", "kind", "severity", "handling", "cost")),
        touches=rows_of(tables.touches, chosen, ("date", "kind", "manager_id")),
        matters=open_matters(study, clients),
        contacts=rows_of(tables.contacts, chosen, ("name", "role", "birthday")),
        similar=similar_who_left(everyone, clients, study.ask(who_can_be_won_back).lost),
    )


def _source(study: Study, clients: int) -> Source:
    risk, worth = study.ask(who_is_at_risk), study.ask(what_are_they_worth)
    return Source(
        as_of=study.as_of,
        records_start=study.tables.orders["order_date"].min(),
        clients=clients,
        horizon_months=risk.horizon_months,
        called=called(risk.leaving),
        speaks=risk.speaks,
        usual=np.nan if risk.why is None else risk.why.usual,
        near_months=study.ask(how_long_will_they_still_stay).near_months,
        value_months=worth.horizon_months,
        unit=worth.unit,
        missing=tuple(name for name in _BESIDE if getattr(study.tables, name) is None),
        coded=study.lookup is not None,
    )


def _chosen(everyone: pd.DataFrame) -> pd.DataFrame:
    """Clients that stand first by size or by risk, by falling size."""
    by_size = everyone["size"].rank(ascending=False, method="first")
    by_risk = everyone["risk"].rank(ascending=False, method="first")
    order = pd.DataFrame({"either": np.fmin(by_size, by_risk), "by_size": by_size}).sort_values(["either", "by_size"])
    kept = everyone.loc[order.index[:MOST]].sort_values(["size", "client_id"], ascending=[False, True])
    return kept.reset_index(drop=True)


def _pushes(risk: RiskAnswer, chosen: "pd.Series[str]") -> pd.DataFrame:
    """What each group of features adds, one row a client and group."""
    if risk.why is None:
        return pd.DataFrame({"client_id": [], "group": [], "part": []}).astype({"client_id": "str", "group": "str"})
    own = risk.why.parts[risk.why.parts["client_id"].isin(chosen)]
    return own.melt(id_vars="client_id", value_vars=list(risk.why.groups), var_name="group", value_name="part")
