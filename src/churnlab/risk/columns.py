"""What a risk model sees: a few columns of a snapshot, on one scale, with missing answers said."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

_MOST_LINES = 20

SEASON: Final = "season"
"""Group of the columns that every client has alike on a day."""

_TWO_OF_EACH = pd.Timedelta(days=630)
"""From the first to the last of eight quarters: a season seen once is not told from a trend."""

_TWO_WAVES: Final = tuple((name, wave, shape) for wave in (1, 2) for name, shape in (("cos", np.cos), ("sin", np.sin)))
_FLAT = 0.3
"""Spread below which a wave stood at about the same height on all days of learning."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a model.

    Attributes
    ----------
    name : str
        Column name.
    group : str
        What pages speak of: columns of a group stand for one another, so only their sum is read.
    sign : int
        1 where a value above the usual would be read as a warning, -1 where one below it would, 0 where neither.
    warning : str
        How a page words that warning.
    compute : callable
        Snapshot to values, NaN where not known.
    needs : tuple of str
        Snapshot columns without which it does not exist.
    """

    name: str
    group: str
    sign: int
    warning: str
    compute: Callable[[pd.DataFrame], "pd.Series[float]"]
    needs: tuple[str, ...]


def _service(frame: pd.DataFrame) -> "pd.Series[float]":
    """Mean of the last quality, timing and attention scores that are known."""
    return frame[["quality", "timing", "attention"]].mean(axis=1)


def _silent(frame: pd.DataFrame) -> "pd.Series[float]":
    """1 for a client that was asked within the year and answered nothing."""
    return ((frame["asked_12m"] > 0) & (frame["answered_12m"] == 0)).astype(float)


COLUMNS: Final = (
    Column(
        "recency",
        "rhythm",
        1,
        "a long silence",
        lambda frame: np.log1p(frame["recency_days"]),
        ("recency_days",),
    ),
    Column(
        "overdue",
        "rhythm",
        1,
        "a long silence in its own rhythm",
        lambda frame: np.log1p(frame["overdue"]),
        ("overdue",),
    ),
    Column(
        "frequency",
        "volume",
        -1,
        "few orders a year",
        lambda frame: np.log1p(frame["orders_12m"]),
        ("orders_12m",),
    ),
    Column("trend", "volume", -1, "falling order counts", lambda frame: frame["trend"], ("trend",)),
    Column("amount_trend", "volume", -1, "falling sales", lambda frame: frame["amount_trend"], ("amount_trend",)),
    Column(
        "tenure",
        "relation",
        -1,
        "a young relation",
        lambda frame: np.log1p(frame["tenure_months"]),
        ("tenure_months",),
    ),
    Column("recommend", "scores", -1, "a low recommendation score", lambda frame: frame["recommend"], ("recommend",)),
    Column("service", "scores", -1, "low service scores", _service, ("quality", "timing", "attention")),
    Column("price", "price", -1, "a low price score", lambda frame: frame["price"], ("price",)),
    Column(
        "unanswered",
        "scores",
        1,
        "asked and did not answer for a year",
        _silent,
        ("asked_12m", "answered_12m"),
    ),
)
"""Columns of the prediction specification, in the order in which pages list them."""


def available(snapshot: pd.DataFrame, names: tuple[str, ...]) -> tuple[Column, ...]:
    """Choose the named columns that this dataset can fill."""
    return tuple(
        column
        for column in COLUMNS
        if column.name in names and all(need in snapshot and snapshot[need].notna().any() for need in column.needs)
    )


def line_columns(snapshot: pd.DataFrame) -> tuple[Column, ...]:
    """Give a column to each product line of the training rows, the commonest twenty; none where there is one line."""
    if "line" not in snapshot:
        return ()
    lines = snapshot["line"].value_counts().index[:_MOST_LINES]
    return tuple(_line_column(str(line)) for line in lines) if len(lines) > 1 else ()


def _line_column(line: str) -> Column:
    return Column(
        f"line {line}",
        "relation",
        1,
        "a line that more clients leave",
        lambda frame: (frame["line"] == line).astype(float),
        ("line",),
    )


def season_columns(snapshot: pd.DataFrame) -> tuple[Column, ...]:
    """Give columns to the season of the cut-off, and to what a silence tells more or less in it.

    Parameters
    ----------
    snapshot : DataFrame
        Training rows.

    Returns
    -------
    tuple of Column
        Two waves a year, and each of them times the silence; none where the cut-offs do not span eight quarters.
    """
    days = snapshot["cut_off"].drop_duplicates()
    if days.empty or days.max() - days.min() < _TWO_OF_EACH:
        return ()
    usual = float(np.log1p(snapshot["recency_days"]).mean())
    found: list[Column] = []
    for name, wave, shape in _TWO_WAVES:
        if shape(wave * _angle(days)).std(ddof=0) >= _FLAT:
            found += _season_columns(f"{name}{wave}", partial(_height, wave=wave, shape=shape), usual)
    return tuple(found)


def _season_columns(name: str, height: Callable[[pd.DataFrame], "pd.Series[float]"], usual: float) -> list[Column]:
    return [
        Column(f"season {name}", SEASON, 0, "", height, ("cut_off",)),
        Column(
            f"silence in season {name}",
            "rhythm",
            0,
            "",
            lambda frame: (np.log1p(frame["recency_days"]) - usual) * height(frame),
            ("cut_off", "recency_days"),
        ),
    ]


def _angle(days: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    """Place in the year, 0 to 2 pi."""
    return 2 * np.pi * days.dt.day_of_year / 365.25


def _height(frame: pd.DataFrame, *, wave: int, shape: Callable[..., "pd.Series[float]"]) -> "pd.Series[float]":
    return shape(wave * _angle(frame["cut_off"]))


@dataclass(frozen=True, slots=True)
class Scaler:
    """Puts columns on one scale, learnt from training rows.

    Attributes
    ----------
    columns : tuple of Column
        What is computed.
    centre, spread : ndarray of float, shape (k,)
        Mean and standard deviation of the known training values.
    """

    columns: tuple[Column, ...]
    centre: Floats
    spread: Floats

    @classmethod
    def learn(cls, snapshot: pd.DataFrame, columns: tuple[Column, ...]) -> "Scaler":
        """Learn centre and spread from training rows."""
        raw = _raw(snapshot, columns)
        known = ~np.isnan(raw)
        count = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, raw, 0.0)
        centre = filled.sum(axis=0) / count
        variance = (np.where(known, raw - centre, 0.0) ** 2).sum(axis=0) / count
        return cls(columns, centre, np.where(variance > 0, np.sqrt(variance), 1.0))

    def scale(self, snapshot: pd.DataFrame) -> Floats:
        """Scaled columns, shape (rows, k): 0 is the training mean, and so is what is not known."""
        return np.nan_to_num((_raw(snapshot, self.columns) - self.centre) / self.spread, nan=0.0)


def _raw(snapshot: pd.DataFrame, columns: tuple[Column, ...]) -> Floats:
    if not columns:
        return np.zeros((len(snapshot), 0))
    return np.column_stack([column.compute(snapshot).to_numpy(dtype=np.float64) for column in columns])
