"""The index of groups of clients, such as product lines or managers' books, and whether they can be told apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, studentized_range

from churnlab.answers.invitations import SERIES, rows_of, series_name
from churnlab.answers.words import count, interval, points, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import NetPromoter, nps, promoter_classes

MOST_ROWS = 20
"""Where there are more groups, those at both ends are drawn and listed."""

_LEVEL = 0.95
_PLACE = [*SERIES, "period"]
_FIGURES = ["n", "nps", "low", "high", "faint"]


@dataclass(frozen=True, slots=True)
class Books:
    """Index by groups of clients, in the last year of every wave and mode.

    Attributes
    ----------
    kind, kinds : str
        What a group is called, and several of them.
    known : bool
        Whether anything says which group a client belongs to.
    rows : DataFrame
        ``wave``, ``mode``, ``period``, ``name``, ``n`` (votes), ``nps``, ``low``, ``high`` (NaN under ten votes),
        ``faint`` (under thirty), by falling index within a wave and mode.
    main : DataFrame
        The rows of the wave and mode with the most answers.
    told : tuple of str
        The group with the lowest and the one with the highest index of `main`, where they can be told apart; else
        empty.
    unplaced : int
        Votes of that wave and mode without a group.
    note : str
        What else a reader has to know; empty if nothing.
    """

    kind: str
    kinds: str
    known: bool
    rows: pd.DataFrame
    main: pd.DataFrame
    told: tuple[str, ...]
    unplaced: int
    note: str

    @property
    def sentence(self) -> str:
        """Whether groups can be told apart."""
        if not self.known:
            return f"How the index differs by {self.kind} we cannot say: nothing tells the {self.kind} of a client."
        shown = self.main.dropna(subset="nps")
        if len(shown) < 2:
            return f"How the index differs by {self.kind} we cannot say: fewer than two have ten votes."
        low, high = shown.iloc[-1], shown.iloc[0]
        ends = f"{_named(low)} to {_named(high)}"
        said = f"By {self.kind} the index of the {series_name(low)} wave, {low['period']}, runs from {ends}"
        if self.told:
            return (
                f"{said}: these two can be told apart, by more than the luck of the highest and lowest of "
                f"{len(shown)}. Their clients differ too, so this does not grade the {self.kind}."
            )
        return f"{said}: we cannot tell them apart. Small books differ by luck."

    @property
    def drawn(self) -> pd.DataFrame:
        """The rows of `main` that there is room for, under their old numbers: both ends where there are too many."""
        return both_ends(self.main)

    @property
    def drawn_sentence(self) -> str:
        """How many rows are not drawn; empty if none."""
        left = len(self.main) - len(self.drawn)
        if not left:
            return ""
        several = self.kinds if left > 1 else self.kind
        return (
            f"Drawn and listed are {count(len(self.drawn))} of {count(len(self.main))} {self.kinds}; {count(left)} "
            f"{several} in between the highest and the lowest, or with too few votes, {_are(left)} not."
        )

    @property
    def alt(self) -> str:
        """The chart of the drawn rows in words, with its numbers."""
        named = [_named(row) for _, row in self.drawn.dropna(subset="nps").iterrows()]
        return " ".join(filter(None, (self.sentence, f"{'; '.join(named)}." if named else "", self.drawn_sentence)))

    @property
    def rest_sentence(self) -> str:
        """What is not shown; empty if nothing."""
        few = self.main["nps"].isna()
        said = []
        if few.any():
            several = int(few.sum())
            said.append(f"{count(several)} {self.kinds if several > 1 else self.kind}, too few votes")
        if self.unplaced:
            said.append(f"{count(self.unplaced)} vote{'s' if self.unplaced > 1 else ''} without a {self.kind}")
        return f"Without an index: {'; '.join(said)}." if said and self.known else ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        rest = (self.drawn_sentence, self.rest_sentence, self.note) if self.known else ()
        return tuple(filter(None, (self.sentence, *rest)))


def books_by(
    cast: pd.DataFrame, name: "pd.Series[str] | None", last: pd.DataFrame, *, words: tuple[str, str], note: str = ""
) -> Books:
    """Index of every group in the last year of every wave and mode.

    Parameters
    ----------
    cast : DataFrame
        Votes: ``wave``, ``mode``, ``period``, ``recommend``.
    name : Series of str or None
        The group of each vote, missing where it has none; None where nothing says.
    last : DataFrame
        ``wave``, ``mode``, ``period``: what to look at; the first row is told of in words.
    words : tuple of str
        What a group is called, and several of them.
    note : str
        What else a reader has to know.

    Returns
    -------
    Books
    """
    columns = [*_PLACE, "name", *_FIGURES]
    if name is None or last.empty:
        nothing = pd.DataFrame({one: [] for one in columns})
        return Books(*words, known=name is not None, rows=nothing, main=nothing, told=(), unplaced=0, note=note)
    here = cast.assign(name=name).merge(last[_PLACE], on=_PLACE)
    rows = [
        (*pd.Series(place), *index_figures(nps(*promoter_classes(group["recommend"]))))
        for place, group in here.groupby([*_PLACE, "name"])
    ]
    frame = pd.DataFrame(rows, columns=columns).sort_values(
        [*_PLACE, "nps", "name"], ascending=[True, True, True, False, True], ignore_index=True
    )
    main = rows_of(frame, last.iloc[0]).reset_index(drop=True)
    unplaced = int(rows_of(here, last.iloc[0])["name"].isna().sum())
    known = bool(name.notna().any())
    return Books(*words, known=known, rows=frame, main=main, told=_told_apart(main), unplaced=unplaced, note=note)


def both_ends(rows: pd.DataFrame, most: int = MOST_ROWS) -> pd.DataFrame:
    """Rows at both ends, as many as there is room for.

    Parameters
    ----------
    rows : DataFrame
        Of one wave, mode and year, by falling ``nps``; NaN last.
    most : int
        How many there is room for.

    Returns
    -------
    DataFrame
        All rows if there is room; else the highest and the lowest that have an index, half of either, and those
        without one as far as there is room.

    Examples
    --------
    >>> both_ends(pd.DataFrame({"nps": [50.0, 40.0, 30.0, 20.0, np.nan]}), 2)["nps"].tolist()
    [50.0, 20.0]
    """
    known = rows.dropna(subset="nps")
    if len(known) <= most:
        return rows.head(most)
    return pd.concat([known.head(most - most // 2), known.tail(most // 2)])


def index_figures(index: NetPromoter) -> tuple[int, float, float, float, bool]:
    """Votes, index and interval, whether it is faint; no index where there are too few votes.

    Examples
    --------
    >>> index_figures(nps(1, 2, 3))
    (6, nan, nan, nan, True)
    """
    figures = (np.nan, np.nan, np.nan) if index.too_few else (index.value, index.low, index.high)
    return index.n, *figures, index.faint


def ends_apart(value: npt.ArrayLike, error: npt.ArrayLike, spare: npt.ArrayLike) -> bool:
    """Whether the highest and the lowest of several figures lie further apart than chance takes them.

    Parameters
    ----------
    value, error : array_like of float, shape (k,)
        Independent figures and their standard errors.
    spare : array_like of float, shape (k,)
        Degrees of freedom of the errors.

    Returns
    -------
    bool

    References
    ----------
    Games and Howell (1976), Pairwise multiple comparison procedures with unequal n's and/or variances, Journal of
    Educational Statistics 1, 113-125.

    Examples
    --------
    >>> ends_apart([0.0, 10.0, 30.0], [6.0, 6.0, 6.0], [50, 50, 50])
    True
    >>> ends_apart([0.0, 10.0, 30.0], [10.0, 10.0, 10.0], [50, 50, 50])
    False
    """
    given = np.asarray(value, dtype=np.float64)
    if len(given) < 2:
        return False
    ends = [int(given.argmin()), int(given.argmax())]
    variance, free = np.asarray(error, dtype=np.float64)[ends] ** 2, np.asarray(spare, dtype=np.float64)[ends]
    freedom = variance.sum() ** 2 / (variance**2 / free).sum()
    apart = float(np.ptp(given) / np.sqrt(variance.sum() / 2))
    return bool(studentized_range.sf(apart, len(given), freedom) < 1 - _LEVEL)


def _told_apart(groups: pd.DataFrame) -> tuple[str, ...]:
    """Groups with the lowest and the highest index where these can be told apart.

    The error is the wider half of the interval, since an empty class leaves no variance of its own.
    """
    shown = groups.dropna(subset="nps")
    low, value, high, n = shown[["low", "nps", "high", "n"]].to_numpy(dtype=np.float64).T
    error = np.maximum(high - value, value - low) / float(norm.ppf(0.5 + _LEVEL / 2))
    if not ends_apart(value, error, n - 1):
        return ()
    return str(shown["name"].iloc[-1]), str(shown["name"].iloc[0])


def _are(several: int) -> str:
    return "are" if several > 1 else "is"


def _named(row: "pd.Series[str]") -> str:
    """Index of a group in words."""
    found = interval(Estimate(*row[["nps", "low", "high"]].astype("float64")), points)
    few = ", few" if row["faint"] else ""
    return f"{found} for {shortened(row['name'])} ({count(float(row['n']))} clients{few})"
