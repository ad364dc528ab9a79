"""Why a client's risk is what it is: parts that add up to its score, in groups that the business speaks of.

They are associations: what goes with a higher risk in the model, not what causes leaving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.risk.columns import SEASON
from churnlab.risk.models import RiskModel

Floats = npt.NDArray[np.float64]

GROUPS: Final = (
    "rhythm",
    "volume",
    "relation",
    "quality",
    "timing",
    "attention",
    "price",
    "recommendation",
    "answering",
)
"""Groups in the order in which pages list them."""

_GROUP: Final = {"recommend": "recommendation", "unanswered": "answering"}
_SERVICE: Final = ("quality", "timing", "attention")
_RECENT = 4
_EDGE = 1e-12
_WITHIN = 1.96
"""Standard errors that a 95 % interval reaches to either side."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one column, or one factor of a column, adds.

    Attributes
    ----------
    group : str
        One of :data:`GROUPS`.
    warning : str
        How a page words a value that would be read as a warning.
    push : ndarray of float, shape (rows,)
        What it adds to the score, against the usual client.
    warns : ndarray of bool, shape (rows,)
        Whether the client's value would be read as a warning.
    coefficient : int
        Place of the coefficient that it comes from.
    slope : ndarray of float, shape (rows,)
        What it would add were that coefficient 1.
    """

    group: str
    warning: str
    push: Floats
    warns: npt.NDArray[np.bool_]
    coefficient: int
    slope: Floats


@dataclass(frozen=True, slots=True)
class Reasons:
    """Scores of clients taken apart.

    Attributes
    ----------
    usual : ndarray of float, shape (rows,)
        Score of the usual client of the training rows in the season of the row: log of the hazard summed over the
        horizon.
    parts : DataFrame
        One row a client, one column a group: what it adds to the score. Groups that the data cannot fill are absent.
    pieces : tuple of Piece
        What the groups are made of.
    """

    usual: Floats
    parts: pd.DataFrame
    pieces: tuple[Piece, ...]

    @property
    def score(self) -> "pd.Series[float]":
        """Usual score and parts added up; the risk is ``1 - exp(-exp(score))``."""
        return self.parts.sum(axis=1) + self.usual

    def worded(self, steady: pd.DataFrame | None = None, *, least: float = 0.05, most: int = 2) -> list[str]:
        """Word the groups that push each client's risk up, those that push most first.

        Parameters
        ----------
        steady : DataFrame of bool, optional
            From :func:`steady_signs` or :func:`sure_signs`; groups that are not steady are not named.
        least : float
            Smallest push that is named; 0.05 is about 5 % of the hazard.
        most : int
            Groups that are named, at most.

        Returns
        -------
        list of str
            One a client; empty where nothing pushes. A group is named by the piece that pushes most among those whose
            value would be read as a warning; a push that nobody would read so stays in the score and is not named.
        """
        names = list(self.parts.columns)
        pushes = np.where(True if steady is None else steady[names].to_numpy(), self.parts.to_numpy(), 0.0)
        by_group = {name: [piece for piece in self.pieces if piece.group == name] for name in names}
        named = {name: np.array([np.where(each.warns, each.push, 0.0) for each in by_group[name]]) for name in names}
        said = []
        for row in range(len(self.parts)):
            words = []
            for place in np.argsort(-pushes[row], kind="stable"):
                strength = named[names[place]][:, row]
                if min(pushes[row, place], strength.max()) >= least:
                    words.append(by_group[names[place]][int(strength.argmax())].warning)
            said.append("; ".join(words[:most]))
        return said


def reasons(model: RiskModel, snapshot: pd.DataFrame) -> Reasons:
    """Take the score of each client apart.

    Parameters
    ----------
    model : RiskModel
        A fitted hazard.
    snapshot : DataFrame
        Clients.

    Returns
    -------
    Reasons

    Notes
    -----
    The score is the log of the hazard summed over the horizon. It is linear in all columns but those that tell more
    about the first month; these belong to the rhythm, so that the curved part does too, and nothing is left over.
    """
    rest = model.horizon_months - 1
    first, (usual_first, usual_rest) = model.first_month(snapshot), _usual(model, snapshot)
    usual = np.log(rest * np.exp(usual_rest) + np.exp(usual_first))
    curved = np.log(rest + np.exp(first)) - np.log(rest + np.exp(usual_first - usual_rest))
    pieces = tuple(piece for part in _by_column(model, snapshot) for piece in part)
    groups = [name for name in GROUPS if any(piece.group == name for piece in pieces)]
    parts = {name: np.sum([piece.push for piece in pieces if piece.group == name], axis=0) for name in groups}
    if "rhythm" in parts:
        parts["rhythm"] = parts["rhythm"] + curved
    return Reasons(usual, pd.DataFrame(parts, index=snapshot.index), pieces)


def steady_signs(fits: Sequence[RiskModel], snapshot: pd.DataFrame, *, recent: int = _RECENT) -> pd.DataFrame:
    """Tell which parts had the same sign in all of the last fits, each with what it knew on its day.

    Parameters
    ----------
    fits : sequence of RiskModel
        The same model on earlier days, the earliest first, and the present one last.
    snapshot : DataFrame
        Clients.
    recent : int
        Fits that are looked at, the latest ones.

    Returns
    -------
    DataFrame of bool
        One row a client, one column a group of the last fit. A group that an earlier fit did not have is not steady.

    Raises
    ------
    ValueError
        Without a fit.
    """
    if not fits:
        message = "expected at least one fit, got none"
        raise ValueError(message)
    parts = [reasons(fitted, snapshot).parts for fitted in fits[-recent:]]
    now = parts[-1]
    signs = [np.sign(part.reindex(columns=now.columns, fill_value=np.nan).to_numpy()) for part in parts]
    same = np.logical_and.reduce([each == signs[-1] for each in signs])
    return pd.DataFrame(same, now.index, now.columns)


def sure_signs(model: RiskModel, snapshot: pd.DataFrame) -> pd.DataFrame:
    """Tell which parts have a 95 % interval off 0.

    Parameters
    ----------
    model : RiskModel
        A fitted hazard.
    snapshot : DataFrame
        Clients.

    Returns
    -------
    DataFrame of bool
        One row a client, one column a group.

    Notes
    -----
    Fits of several days share most of their data, so that noise has one sign in all of them; its interval still holds
    0. Errors are those of the coefficients, clustered by client; of the curved part of the rhythm by the delta method.
    """
    found = reasons(model, snapshot)
    covariance, rest = model.fit.covariance, model.horizon_months - 1
    sure = {}
    for group in found.parts.columns:
        gradient = np.zeros((len(snapshot), len(covariance)))
        for piece in found.pieces:
            if piece.group == group:
                gradient[:, piece.coefficient] += piece.slope
        if group == "rhythm":
            gradient += _curved_slope(rest, *model.design(snapshot), model.fit.coefficients)
            gradient -= _curved_slope(rest, *_usual_design(model, snapshot), model.fit.coefficients)
        error = np.sqrt(np.einsum("ij,jk,ik->i", gradient, covariance, gradient))
        sure[group] = found.parts[group].abs().to_numpy() > _WITHIN * error
    return pd.DataFrame(sure, index=snapshot.index, columns=found.parts.columns)


def what_changed(
    model: RiskModel, today: pd.DataFrame, before: pd.DataFrame, *, said: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tell what moved each client's score since an earlier day.

    Parameters
    ----------
    model : RiskModel
        The present model, for both days.
    today, before : DataFrame
        Snapshots of one day each.
    said : DataFrame, optional
        ``client_id`` and ``risk`` as they were given on the earlier day (``results/risk.parquet``).

    Returns
    -------
    DataFrame
        Clients that are on both days: ``client_id``, ``risk_before``, ``risk``, one column a group with what it added
        to the score since, ``season`` (only where the model tells seasons apart), ``model`` (what learning anew added;
        only with `said`, as is ``risk_before`` then the risk that was given), and ``most``: what moved it most.
        Groups, season and model add up to the change of the score.
    """
    now, then = (reasons(model, rows.reset_index(drop=True)) for rows in (today, before))
    groups = list(now.parts.columns)
    frames = [
        rows[["client_id"]].reset_index(drop=True).join(each.parts).assign(score=each.score, usual=each.usual)
        for rows, each in ((today, now), (before, then))
    ]
    both = frames[0].merge(frames[1], on="client_id", suffixes=("", "_before"))
    moved = pd.DataFrame({name: both[name] - both[f"{name}_before"] for name in groups})
    season = both["usual"] - both["usual_before"]
    if season.any():
        moved[SEASON] = season
    before_score = both["score_before"]
    if said is not None:
        given = both["client_id"].map(said.set_index("client_id")["risk"]).clip(_EDGE, 1 - _EDGE)
        moved["model"] = both["score_before"] - np.log(-np.log1p(-given))
        before_score = np.log(-np.log1p(-given))
    most = moved.abs().fillna(0.0).idxmax(axis=1) if len(moved) and len(moved.columns) else ""
    risks = {"risk_before": _risk(before_score), "risk": _risk(both["score"])}
    return both[["client_id"]].assign(**risks).join(moved).assign(most=most)


def _usual_design(model: RiskModel, snapshot: pd.DataFrame) -> tuple[Floats, Floats]:
    """Design of the usual client in the season of each row."""
    first, rest = model.in_season(snapshot)
    first[:, :2], rest[:, 0] = 1.0, 1.0
    return first, rest


def _usual(model: RiskModel, snapshot: pd.DataFrame) -> tuple[Floats, Floats]:
    """Log hazard of the usual client in the first month and after it."""
    first, rest = _usual_design(model, snapshot)
    return first @ model.fit.coefficients, rest @ model.fit.coefficients


def _curved_slope(later: int, first: Floats, rest: Floats, coefficients: Floats) -> Floats:
    """Slope of log(later months + first month over a later one) in the coefficients, shape (rows, coefficients)."""
    ahead = np.exp((first - rest) @ coefficients)
    return (ahead / (later + ahead))[:, None] * (first - rest)


def _risk(score: "pd.Series[float]") -> "pd.Series[float]":
    return pd.Series(-np.expm1(-np.exp(score.to_numpy())), index=score.index)


def _by_column(model: RiskModel, snapshot: pd.DataFrame) -> list[list[Piece]]:
    """Pieces of every column of the model."""
    scaled = model.scaler.scale(snapshot)
    pieces = []
    for place, column in enumerate(model.scaler.columns):
        if column.group == SEASON:  # all have it alike: it moves the usual client
            continue
        if column.name == "service":
            pieces.append(_of_service(model, snapshot, place))
            continue
        push = scaled[:, place] * model.fit.coefficients[2 + place]
        warns, group = scaled[:, place] * column.sign > 0, _GROUP.get(column.name, column.group)
        pieces.append([Piece(group, column.warning, push, warns, 2 + place, scaled[:, place])])
    return pieces


def _of_service(model: RiskModel, snapshot: pd.DataFrame, place: int) -> list[Piece]:
    """Share the mean of the service scores out among the factors, each against its own mean."""
    centre, spread = model.scaler.centre[place], model.scaler.spread[place]
    scores = snapshot[list(_SERVICE)].to_numpy(dtype=np.float64)
    known = ~np.isnan(scores)
    count = np.maximum(known.sum(axis=1), 1)
    usual = np.where(known, scores, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    left_over = np.where(known, usual, 0.0).sum(axis=1) / count - centre
    away = np.where(known, scores - usual, 0.0)
    slope = np.where(known, away + left_over[:, None], 0.0) / (count[:, None] * spread)
    push = slope * model.fit.coefficients[2 + place]
    return [
        Piece(name, f"low {name} scores", push[:, k], away[:, k] < 0, 2 + place, slope[:, k])
        for k, name in enumerate(_SERVICE)
    ]
