"""The first step of the cascade: a purchase discount that goes with a large client, and who pays for it then.

Whether others leave over it is not reckoned here: no study was found that measures it. What is reckoned is how many
would have to.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Discount:
    """A purchase discount for volume, and what is done when it goes; shares throughout.

    Attributes
    ----------
    part : float
        Of purchase costs.
    least : float
        Of today's volume, under which it goes.
    passed_on : float
        Of the dearer costs, by higher prices.

    Raises
    ------
    ValueError
        If a share lies outside its range.
    """

    part: float = 0.03
    least: float = 0.80
    passed_on: float = 0.7

    def __post_init__(self) -> None:
        if not (0 <= self.part < 1 and 0 <= self.least <= 1 and 0 <= self.passed_on <= 1):
            raise ValueError(f"expected shares from 0 to 1, got {self}: read them in the purchase contract")


@dataclass(frozen=True, slots=True)
class LostDiscount:
    """What the loss of a client does to the costs of the others.

    Attributes
    ----------
    goes : bool
        Whether the volume falls under what the discount asks for.
    cost : float
        What the goods of the others cost more, money a year.
    price_rise : float
        Share by which the others' prices rise.
    exits : float
        Share of the others' sales that may go before passing on earns less than bearing the cost: above it, prices are
        better left alone. NaN where nothing is earned even then.
    """

    goes: bool
    cost: float
    price_rise: float
    exits: float


def lost_discount(share: float, *, others: float, cost_share: float, discount: Discount) -> LostDiscount:
    """Reckon the first step in closed form.

    Parameters
    ----------
    share : float
        Of all sales that is lost; purchases are taken to fall by as much.
    others : float
        Yearly sales of the others, money.
    cost_share : float
        Cost of goods today, share of sales.
    discount : Discount
        Of the purchase contract, and how much is passed on.

    Returns
    -------
    LostDiscount

    Raises
    ------
    ValueError
        If a share lies outside 0 to 1.

    Notes
    -----
    With cost c and discount D, goods cost c D / (1 - D) more: call it r. Bearing it earns 1 - c - r on each unit of
    sales, passing on a part f earns (1 - x)(1 - c - (1 - f) r) if a share x leaves; they are equal at
    x = f r / (1 - c - (1 - f) r).

    Examples
    --------
    >>> found = lost_discount(0.25, others=750.0, cost_share=0.72, discount=Discount())
    >>> found.goes, round(found.cost, 1), round(found.price_rise, 4), round(found.exits, 3)
    (True, 16.7, 0.0156, 0.057)
    >>> lost_discount(0.2, others=800.0, cost_share=0.72, discount=Discount()).goes
    False
    """
    if not (0 <= share <= 1 and 0 < cost_share < 1):
        raise ValueError(f"expected shares between 0 and 1, got {share} lost and a cost of {cost_share}")
    if 1 - share >= discount.least - 1e-12:
        return LostDiscount(goes=False, cost=0.0, price_rise=0.0, exits=0.0)
    dearer = cost_share * discount.part / (1 - discount.part)
    earned = 1 - cost_share - (1 - discount.passed_on) * dearer
    passed = discount.passed_on * dearer
    return LostDiscount(
        goes=True, cost=dearer * others, price_rise=passed, exits=passed / earned if earned > 0 else float("nan")
    )
