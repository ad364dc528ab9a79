"""Today's clients as the fitted hazard sees them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from churnlab.scenarios.parameters import AssumptionDraws

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Book:
    """Today's clients as the fitted hazard sees them.

    Attributes
    ----------
    predictor : ndarray of float, shape (rows, clients)
        Log monthly hazard of each client in each parameter draw, without the effect of tenure.
    tenure_effect : ndarray of float, shape (rows,)
        Coefficient of log(1 + months of tenure).
    service_effect, price_effect : ndarray of float, shape (rows,)
        Coefficients of the service and price scores, log hazard per point (below 0 where satisfaction keeps clients).
    tenure_months : ndarray of float, shape (clients,)
        Tenure today.
    monthly_sales : ndarray of float, shape (clients,)
        Net sales a month at today's prices, money.
    satisfaction : ndarray of float, shape (clients,), optional
        What each client thinks today, points; the assumed start of quality, timing and attention where not given.
    manager : ndarray of int, shape (clients,), optional
        Manager of each client, 0 and up; so many that none is overburdened where not given.
    key : ndarray of bool, shape (clients,), optional
        Key clients, who take a larger share of a manager.
    line : ndarray of int, shape (clients,), optional
        Line of each client, 0 and up: campaigns of competitors are for a line.
    whole : bool
        Whether the hazard holds all leaving, so that offers and other ways out are taken out of it
        (:func:`churnlab.scenarios.calibrate`), rather than exits over service alone.
    """

    predictor: Floats
    tenure_effect: Floats
    service_effect: Floats
    price_effect: Floats
    tenure_months: Floats
    monthly_sales: Floats
    satisfaction: Floats | None = None
    manager: npt.NDArray[np.intp] | None = None
    key: npt.NDArray[np.bool_] | None = None
    line: npt.NDArray[np.intp] | None = None
    whole: bool = True

    @property
    def rows(self) -> int:
        """Parameter draws."""
        return self.predictor.shape[0]

    @property
    def clients(self) -> int:
        """Clients of today."""
        return self.predictor.shape[1]

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> "Book":
        """Some of the rows."""
        return replace(
            self,
            predictor=self.predictor[rows],
            tenure_effect=self.tenure_effect[rows],
            service_effect=self.service_effect[rows],
            price_effect=self.price_effect[rows],
        )


def made_book(assumed: AssumptionDraws, clients: int, *, sales: float = 1000.0, rng: int = 0) -> Book:
    """Make up clients by the assumptions alone, where there are no data: exits over service, frailty and equal sales.

    Parameters
    ----------
    assumed : AssumptionDraws
        One set a row.
    clients : int
        How many.
    sales : float
        Net sales of each a month, money.
    rng : int
        Seed of clients' own parts.

    Returns
    -------
    Book
    """
    own = np.random.default_rng(rng).normal(size=(1, clients))
    points = [assumed[f"weight_{part}"] * (8 - assumed[f"start_{part}"]) for part in ("quality", "timing", "attention")]
    level = assumed["base_log_hazard"] + assumed["satisfaction_effect"] * np.sum(points, axis=0)
    return Book(
        predictor=level[:, None] + assumed["frailty_spread"][:, None] * own,
        tenure_effect=assumed["tenure_effect"],
        service_effect=-assumed["satisfaction_effect"],
        price_effect=-assumed["satisfaction_effect"],
        tenure_months=np.full(clients, 36.0),
        monthly_sales=np.full(clients, sales),
        whole=False,
    )


def check_book(book: Book, assumed: AssumptionDraws) -> None:
    """Refuse shapes that do not agree, all at once.

    Parameters
    ----------
    book : Book
        Today's clients.
    assumed : AssumptionDraws
        One set a row.

    Raises
    ------
    ValueError
        If they do not agree.
    """
    rows, clients = book.predictor.shape
    wrong = [
        f"{name} of shape {getattr(book, name).shape}, expected ({rows},)"
        for name in ("tenure_effect", "service_effect", "price_effect")
        if getattr(book, name).shape != (rows,)
    ]
    if assumed.rows != rows:
        wrong.append(f"{assumed.rows} sets of assumptions, expected {rows}")
    for name in ("tenure_months", "monthly_sales", "satisfaction", "manager", "key", "line"):
        given = getattr(book, name)
        if given is not None and given.shape != (clients,):
            wrong.append(f"{name} of shape {given.shape}, expected ({clients},)")
    if wrong:
        raise ValueError(f"the book does not agree in shape: {'; '.join(wrong)}")
