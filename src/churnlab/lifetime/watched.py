"""What is known of forecasts' outcomes where some clients were not watched to the end: weights for those who were."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from churnlab.lifetime.counting import Bools, Estimate, Floats, Ints, Spans

Forecast = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Followed:
    """Outcomes of forecasts, on the scale of months since the forecast was made.

    Attributes
    ----------
    time : ndarray of int, shape (n,)
        Months for which each forecast was followed.
    event : ndarray of bool, shape (n,)
        Whether the client left in month `time`.
    client : ndarray of int, shape (n,)
        Number of the client.
    watched : ndarray of float, shape (last + 1,)
        Chance of being watched in each month, 1 at 0: Kaplan-Meier of the end of watching, where who leaves in a month
        does so before watching ends.
    """

    time: Ints
    event: Bools
    client: Ints
    watched: Floats

    @classmethod
    def of(cls, time: npt.ArrayLike, event: npt.ArrayLike, client: npt.ArrayLike | None) -> "Followed":
        """Check outcomes and estimate how likely they were to be seen."""
        months = np.asarray(time, dtype=np.int64)
        spans = Spans.of(np.zeros_like(months), months, event, client)
        last = int(spans.exit.max())
        staying = spans.at_risk(last) - np.bincount(spans.exit[spans.event], minlength=last + 1)[1:]
        ended = np.bincount(spans.exit[~spans.event], minlength=last + 1)[1:]
        kept = np.cumprod(1 - ended / np.maximum(staying, 1))
        return cls(spans.exit, spans.event, spans.client, np.concatenate(([1.0, 1.0], kept[:-1])))

    def gone(self, month: int) -> Ints:
        """Positions of those seen to leave within so many months."""
        return np.flatnonzero(self.event & (self.time <= month))

    def there(self, month: int) -> Ints:
        """Positions of those known to be there at the end of a month."""
        return np.flatnonzero((self.time > month) | ((self.time == month) & ~self.event))

    def over_clients(self, value: float, moves: Floats, *, quantile: float) -> Estimate:
        """Interval of a figure from how far each forecast moves it."""
        summed = np.bincount(self.client, moves)
        count = len(summed)
        spread = quantile * float(np.sqrt((summed**2).sum() * count / max(count - 1, 1)))
        return Estimate(value, value - spread, value + spread)


def forecasts_of(values: npt.ArrayLike, *, rows: int, months: int) -> Forecast:
    """Check forecasts, one row a client and one column a month; a single column stands for all months.

    Raises
    ------
    ValueError
        If the shape does not fit, or a forecast is not finite.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim == 1 and months >= 1:
        given = np.repeat(given[:, None], months, axis=1)
    if given.shape != (rows, months):
        message = f"expected forecasts of shape ({rows}, {months}), a row a client and a column a month: {given.shape}"
        raise ValueError(message)
    if not np.isfinite(given).all():
        row, column = np.argwhere(~np.isfinite(given))[0]
        message = f"expected finite forecasts, got {given[row, column]} in row {row}, column {column}"
        raise ValueError(message)
    return given


def months_of(values: npt.ArrayLike, followed: Followed) -> Ints:
    """Check months at which forecasts are judged.

    Raises
    ------
    ValueError
        If they do not rise from 1 up, or nobody was watched for so long.
    """
    months = np.atleast_1d(np.asarray(values, dtype=np.int64))
    if months.ndim != 1 or not months.size or months[0] < 1 or (np.diff(months) < 1).any():
        message = f"expected months that rise from 1 up, got {months.tolist()}"
        raise ValueError(message)
    if months[-1] >= len(followed.watched):
        longest = len(followed.watched) - 1
        message = f"nobody was watched for {months[-1]} months: the longest was {longest}; judge at that or earlier"
        raise ValueError(message)
    return months
