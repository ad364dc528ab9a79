"""How long will each client still stay: its own risk first, then what its line and tenure tell, and no further?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.lifetime import HORIZON_MONTHS, counted, main_lines, tenure_today
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, months, shortened
from churnlab.history import lifetimes
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate, HazardTable, remaining_lifetime
from churnlab.risk import RiskModel, fit_known

ALL = "all lines"

MOST_LINES = 12
"""Clients of further lines, by number of clients, stand together."""

_COLUMNS = ("client_id", "line", "tenure", "months", "low", "high", "horizon", "near")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RemainingAnswer:
    """Months that clients will still stay.

    Attributes
    ----------
    clients : DataFrame
        ``client_id``, ``line`` (in which it bought most), ``tenure`` (months), ``months``, ``low``, ``high``: expected
        months of the next ``horizon``, with the interval of this expectation; ``near``: how many of them rest on its
        own risk. NaN and 0 where nothing can be said. By falling ``months``.
    near_months : int
        Months that rest on clients' own risk; 0 where nobody's is known.
    by : str
        Model of that risk.
    sentences : tuple of str
        The answer in words.
    """

    clients: pd.DataFrame
    near_months: int
    by: str
    sentences: tuple[str, ...]

    def client_sentence(self, client_id: str, label: Callable[[str], str]) -> str:
        """Say how long one client will still stay."""
        found = self.clients[self.clients["client_id"] == client_id]
        if found.empty or not found["horizon"].iloc[0]:
            return f"How long {label(client_id)} will still stay we cannot say: too few of its line stayed as long."
        expected, ahead = interval(_expected(found), months), found["horizon"].iloc[0]
        return f"Clients like {label(client_id)} stay {expected} of the next {ahead} months on average."


def how_long_will_they_still_stay(study: Study) -> RemainingAnswer:
    """Expect the months that every active client will still stay, with an interval.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    RemainingAnswer
    """
    lives, clients = study.lives(), study.tables.clients
    tenure = tenure_today(lives, clients, study.as_of).sort_index()
    lines = _lines_of(study, [*lives.frame["client_id"].unique()])
    spec = study.ask(who_is_at_risk).hazard
    model = None if spec is None else fit_known(study.tables, lives, spec=spec, rule=study.rule)
    near, error = _near(study, model, tenure.index)
    observed = lifetimes(lives, clients=clients)
    reached, line_of = tenure.to_numpy(dtype=np.int64), lines.reindex(tenure.index)
    first, lived, parts = _first_sold(study, lines), observed["client_id"].map(lines), []
    for line in sorted(line_of.unique()):
        place = np.flatnonzero(line_of == line)
        table = counted(observed[lived == line])
        said = _of_line(table, near[place], error[place], reached[place], longest=_age(first[line], study.as_of))
        parts.append(said.assign(client_id=tenure.index[place], line=line, tenure=reached[place]))
    frame = pd.concat(parts, ignore_index=True)[list(_COLUMNS)]
    frame = frame.sort_values(["months", "client_id"], ascending=[False, True]).reset_index(drop=True)
    by = model.spec.name if model else ""
    return RemainingAnswer(frame, near.shape[1], by, _sentences(frame, near.shape[1], study))


def _lines_of(study: Study, clients: list[str]) -> "pd.Series[str]":
    """Line in which each client has bought most; the rarest together, and all where orders name none."""
    known = main_lines(study.tables.orders)
    everyone = pd.Index(clients, name="client_id")
    if known.empty:
        return pd.Series(ALL, index=everyone)
    named = known.reindex(everyone).fillna("no line")
    return named.where(named.isin(named.value_counts().index[:MOST_LINES]), "other lines")


def _first_sold(study: Study, lines: "pd.Series[str]") -> dict[str, pd.Timestamp]:
    """First order of each line; of all orders, where clients of several lines stand together."""
    orders = study.tables.orders
    known: dict[str, pd.Timestamp] = {}
    if "product_line" in orders:
        named = orders.dropna(subset=["product_line"]).sort_values("order_date").drop_duplicates("product_line")
        known = dict(zip(named["product_line"].astype("str"), named["order_date"], strict=True))
    return {str(line): known.get(str(line), orders["order_date"].min()) for line in lines.unique()}


def _age(first: pd.Timestamp, as_of: pd.Timestamp) -> int:
    """Months for which a line has been sold: nothing is said of more months ahead, nor of more than five years."""
    return int(min(HORIZON_MONTHS, (as_of - first).days // DAYS_PER_MONTH))


def _near(study: Study, model: RiskModel | None, clients: "pd.Index[str]") -> tuple[Floats, Floats]:
    """Monthly hazards of each client within the horizon of the model, and their error on the log scale."""
    if model is None:
        return np.zeros((len(clients), 0)), np.zeros(len(clients))
    now = study.today.set_index("client_id", drop=False)
    if not clients.isin(now.index).all():
        return np.zeros((len(clients), 0)), np.zeros(len(clients))
    return model.monthly(now.loc[clients])


def _of_line(
    table: HazardTable, near: Floats, error: Floats, tenure: npt.NDArray[np.integer], *, longest: int
) -> pd.DataFrame:
    """Months, interval, horizon and months of own risk of a line's clients."""
    found = remaining_lifetime(near, error, tenure, np.zeros_like(tenure), [table], longest=longest)
    columns = {name: getattr(found, name) for name in ("months", "low", "high", "horizon", "near")}
    return pd.DataFrame(columns)


def _expected(clients: pd.DataFrame) -> Estimate:
    """Expectation of the first of these clients."""
    value, low, high = clients[["months", "low", "high"]].to_numpy(dtype=np.float64)[0]
    return Estimate(float(value), float(low), float(high))


def _sentences(frame: pd.DataFrame, near: int, study: Study) -> tuple[str, ...]:
    said = frame[frame["horizon"] > 0]
    if said.empty:
        return ("How long clients will still stay we cannot say: too few were observed at any tenure.",)
    own = (
        f"the first {near} months by each client's own risk, what follows by its line and tenure"
        if near
        else "by line and tenure alone, since nobody's own risk is known"
    )
    farthest = said[said["horizon"] == said["horizon"].max()]
    expected = interval(_expected(farthest.iloc[len(farthest) // 2 :]), months)
    ahead = said["horizon"].max()
    sentences = [
        f"{count(len(said))} of {count(len(frame))} active clients can be spoken of, for {said['horizon'].min()} to "
        f"{ahead} months ahead: {own}.",
        f"Of {count(len(farthest))} clients for whom {ahead} months can be spoken of, the one in the middle is "
        f"expected to stay {expected} of them.",
    ]
    if len(said) < len(frame):
        silent = frame[frame["horizon"] == 0]["line"].value_counts().index[:3]
        named = ", ".join(shortened(line) for line in silent)
        sentences.append(
            f"Of {count(len(frame) - len(said))} clients nothing is said: in their line (mostly {named}) fewer than "
            "ten clients were watched at such a tenure."
        )
    if study.ask(when_has_a_client_left).verdict == "pauses":
        sentences.append("Most silences that looked like leaving were pauses: these months are too few.")
    return tuple(sentences)
