"""Orders and scores of one client: two panels, one above the other, on one time axis.

Written as SVG by hand: a report holds some two hundred of these, and Matplotlib takes a tenth of a second for each.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.ticker import MaxNLocator

from churnlab.answers.words import count
from churnlab.plots.style import GREY, LIGHT, PALETTE

Floats = npt.NDArray[np.float64]

_WIDTH, _HEIGHT = 720, 336
_LEFT, _RIGHT = 84, 708
_SALES = (48, 196)
_FAILURES = 214
_SCORES = (244, 306)
_INK = "#3D3D3D"
_DETRACTOR = 6
_MOST_YEARS = 14
_UNITS = ((1e6, ", million"), (1e3, ", thousand"))


def client_history(
    months: pd.DataFrame,
    scores: pd.DataFrame,
    failures: pd.DataFrame,
    *,
    span: tuple[pd.Timestamp, pd.Timestamp],
    orders: int,
    title: str,
) -> str:
    """Draw one client's net sales by month, failures and scores.

    Parameters
    ----------
    months : DataFrame
        ``month`` (its first day) and ``amount``; months without a row had none.
    scores : DataFrame
        ``date`` and ``score``, 0 to 10.
    failures : DataFrame
        ``date``.
    span : tuple of Timestamp
        First and last day of the time axis, the same for every client of a report.
    orders : int
        Purchases that the sales are made of.
    title : str
        The finding.

    Returns
    -------
    str
        An SVG drawing.
    """
    size = {"width": f"{_WIDTH}", "height": f"{_HEIGHT}", "viewBox": f"0 0 {_WIDTH} {_HEIGHT}"}
    style = {"font-size": "11", "fill": _INK}  # and the type of the page
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **style})
    _text(root, 4, 18, title, **{"font-size": "13", "font-weight": "bold"})
    _years(root, span)
    _sales(root, months, span, orders)
    marks = [(x, _FAILURES) for x in _across(failures["date"], span)]
    _text(root, _LEFT - 8, _FAILURES + 4, f"failures (n {count(len(failures))})", **{"text-anchor": "end"})
    crosses = "".join(f"M{x - 3.5:.1f} {y - 3.5}l7 7m0 -7l-7 7" for x, y in marks)
    SubElement(root, "path", {"d": crosses or "M0 0", "stroke": PALETTE[3], "stroke-width": "2", "fill": "none"})
    _scores(root, scores, span)
    return tostring(root, encoding="unicode")


def _sales(root: Element, months: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp], orders: int) -> None:
    """Draw a bar a month from 0, up for sales and down for returns."""
    amount = months["amount"].to_numpy(dtype=np.float64)
    ends = (min(0.0, *amount), max(0.0, *amount)) if len(amount) else (0.0, 0.0)
    ticks = MaxNLocator(nbins=4, steps=[1, 2, 5, 10]).tick_values(ends[0], ends[1] if ends[1] > ends[0] else 1.0)
    ends = (float(ticks[0]), float(ticks[-1]))
    unit, name = next((one for one in _UNITS if max(-ends[0], ends[1]) >= 2 * one[0]), (1.0, ""))
    _gridlines(root, _heights(ticks, ends, _SALES), [f"{tick / unit:g}" for tick in ticks])
    left, right = (_across(months["month"] + pd.DateOffset(months=ahead), span) for ahead in (0, 1))
    zero, tops = float(_heights(0.0, ends, _SALES)), _heights(amount, ends, _SALES)
    bars = "".join(
        f"M{x + 0.5:.1f} {zero:.1f}V{y:.1f}H{end - 0.5:.1f}V{zero:.1f}z"
        for x, end, y in zip(left, np.minimum(right, _RIGHT), tops, strict=True)
    )
    SubElement(root, "path", {"d": bars or "M0 0", "fill": PALETTE[0]})
    _text(root, _LEFT, _SALES[0] - 8, f"net sales a month{name} (n {count(orders)} orders)", fill=GREY)


def _scores(root: Element, scores: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp]) -> None:
    """Draw a point a score, on a band for those of detractors."""
    band = float(_heights(_DETRACTOR + 0.5, (0.0, 10.0), _SCORES))
    place = {"x": f"{_LEFT}", "y": f"{band:.1f}", "width": f"{_RIGHT - _LEFT}", "height": f"{_SCORES[1] - band:.1f}"}
    SubElement(root, "rect", {**place, "fill": "#F3F3F3"})
    _gridlines(root, _heights([0, 5, 10], (0.0, 10.0), _SCORES), ["0", "5", "10"])
    _text(root, _LEFT, _SCORES[0] - 8, f"recommendation, 0 to 10 (n {count(len(scores))}); grey: detractors", fill=GREY)
    group = SubElement(root, "g", {"fill": PALETTE[2]})
    for x, y in zip(_across(scores["date"], span), _heights(scores["score"], (0.0, 10.0), _SCORES), strict=True):
        SubElement(group, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "3.2"})


def _years(root: Element, span: tuple[pd.Timestamp, pd.Timestamp]) -> None:
    """Name the years under the axis that both panels share, and draw a line through both where each begins."""
    years = range(span[0].year, span[1].year + 1)
    every = -(-len(years) // _MOST_YEARS)
    firsts = pd.Series([pd.Timestamp(year=year, month=1, day=1) for year in years])
    for year, x in list(zip(years, _across(firsts, span), strict=True))[::every]:
        if _LEFT <= x < _RIGHT - 12:
            line = {"d": f"M{x:.1f} {_SALES[0]}V{_SCORES[1]}", "stroke": LIGHT, "stroke-width": "1", "fill": "none"}
            SubElement(root, "path", line)
            _text(root, x, _SCORES[1] + 18, str(year), **{"text-anchor": "start"})


def _gridlines(root: Element, heights: Floats, labels: Sequence[str]) -> None:
    lines = "".join(f"M{_LEFT} {y:.1f}H{_RIGHT}" for y in heights)
    SubElement(root, "path", {"d": lines, "stroke": LIGHT, "stroke-width": "0.8", "fill": "none"})
    for y, words in zip(heights, labels, strict=True):
        _text(root, _LEFT - 8, y + 4, words, **{"text-anchor": "end"})


def _across(days: "pd.Series[pd.Timestamp]", span: tuple[pd.Timestamp, pd.Timestamp]) -> Floats:
    """Places of days on the time axis."""
    share = np.asarray((days - span[0]) / (span[1] - span[0]), dtype=np.float64)
    return np.asarray(_LEFT + share * (_RIGHT - _LEFT), dtype=np.float64)


def _heights(values: object, ends: tuple[float, float], place: tuple[int, int]) -> Floats:
    """Heights of values in a panel, the larger the higher."""
    share: Floats = (np.asarray(values, dtype=np.float64) - ends[0]) / (ends[1] - ends[0])
    return np.asarray(place[1] - share * (place[1] - place[0]), dtype=np.float64)


def _text(root: Element, x: float, y: float, words: str, **style: str) -> None:
    SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **style}).text = words
