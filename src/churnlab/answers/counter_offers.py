"""What was offered to those who left, a discount or something else, and how many came back."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from churnlab.answers.losses import lost_clients, noted_rows
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, percent
from churnlab.lifetime import Estimate
from churnlab.tables import load

DISCOUNT: Final = (
    "discount", "rebate", "cheaper", "price", "%", "percent",
    "alennu", "hinta", "hinna", "halvem", "prosent",
    "скид", "цена", "цену", "цены", "дешев", "процент",
)  # fmt: skip
"""Roots of words that make a counter-offer a discount, wherever they stand in it; ours, to be changed for own words."""

NOTHING: Final = (
    "none", "no", "nothing", "no offer", "not offered", "-",
    "ei", "ei mitään", "ei tarjousta",
    "нет", "ничего", "без предложения",
)  # fmt: skip
"""Whole cells that say that nothing was offered; an empty cell says nothing at all."""

KINDS: Final = ("none", "a discount", "something else", "not noted")

WITHIN: Final = 24
"""Months after the note within which a return counts."""

LEAST: Final = 10
"""Fewer losses than this of either kind give no comparison."""

_KEPT = "offers_made.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class OffersAnswer:
    """Returns by what was offered.

    Attributes
    ----------
    read : bool
        Whether it is known what was offered: the losses table says so, and can be read.
    returns : DataFrame
        ``offer`` (a value of `KINDS`), ``n``, ``returned``, ``share``, ``low``, ``high``: first noted loss of each
        client that was noted `WITHIN` months ago at least and was away then.
    """

    read: bool
    returns: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """Who came back, by what was offered, and whether a discount differs from something else."""
        if not self.read:
            return ("What came of counter-offers we cannot say: no losses table says what was offered.",)
        rows = self._by_kind
        named = [
            f"{interval(_ends(rows[kind]), percent)} of {count(rows[kind]['n'])} where {_WHERE[kind]}"
            for kind in KINDS
            if rows[kind]["n"]
        ]
        if not named:
            return (f"What came of counter-offers we cannot say: no loss was noted {WITHIN} months ago or earlier.",)
        return (f"Within {WITHIN} months of the note came back {listed(named)}.", self.difference_sentence, CHOSEN)

    @property
    def _by_kind(self) -> dict[str, Mapping[Hashable, Any]]:
        return {str(row["offer"]): row for row in self.returns.to_dict("records")}

    @property
    def difference_sentence(self) -> str:
        """Whether those who were offered something else come back as those who were offered a discount."""
        rows = self._by_kind
        discount, other = rows["a discount"], rows["something else"]
        if min(discount["n"], other["n"]) < LEAST:
            return (
                f"Whether a discount goes with coming back differently from something else we cannot tell: "
                f"{count(discount['n'])} and {count(other['n'])} losses, and at least {LEAST} of each are asked for."
            )
        found = difference(_ends(other), _ends(discount))
        told = (
            f"{100 * found.value:+.0f} points (95 % interval {100 * found.low:+.0f} to {100 * found.high:+.0f}) "
            "against a discount"
        )
        if found.low <= 0 <= found.high:
            return f"Whether something else does better or worse than a discount we cannot tell: {told}."
        return f"Those who were offered something else came back {'more' if found.low > 0 else 'less'} often: {told}."


CHOSEN: Final = "Who was offered what was chosen, so a difference need not be the offer's doing."
_WHERE: Final = {
    "none": "nothing was offered",
    "a discount": "a discount was offered",
    "something else": "something else was offered",
    "not noted": "no offer was noted",
}


def kinds(words: "pd.Series[str]", *, discount: Sequence[str] = DISCOUNT) -> "pd.Series[str]":
    """Read what was offered.

    Parameters
    ----------
    words : Series of str
        As it was noted, in any language.
    discount : sequence of str
        Roots of words that make it a discount.

    Returns
    -------
    Series of str
        A value of `KINDS` each.

    Examples
    --------
    >>> kinds(pd.Series(["Alennus 5 %", "longer payment", "none", None])).tolist()
    ['a discount', 'something else', 'none', 'not noted']
    """
    told = words.astype("object").where(words.notna(), "").astype(str).str.strip().str.casefold()
    cheaper = np.array([any(root.casefold() in one for root in discount) for one in told], dtype=bool)
    found = np.select([told == "", told.isin(NOTHING), cheaper], ["not noted", "none", "a discount"], "something else")
    return pd.Series(found, index=words.index, dtype="str")


def keep_offers(study: Study, data: str | Path, mapping: Path | None = None) -> None:
    """Keep beside a study what kind of offer each loss was met with; the words themselves may name somebody.

    Parameters
    ----------
    study : Study
        A prepared dataset; nothing is done where its losses say it themselves, or there are none.
    data : str or Path
        What it was prepared from; nothing is done where that is the study's own folder.
    mapping : Path, optional
        Mapping file, as it was prepared with.
    """
    losses = study.tables.losses
    if losses is None or losses.empty or study.lookup is None or Path(data) == study.folder:
        return
    if (study.folder / _KEPT).is_file() or (Path(data) / "study.json").is_file():
        return
    told = load(data, mapping).losses
    if told is None or "counter_offer" not in told:
        return
    code = study.lookup.set_index("client_id")["code"]
    frame = told[["date"]].assign(client_id=told["client_id"].map(code), offer=kinds(told["counter_offer"]))
    frame.dropna(subset="client_id").to_parquet(study.folder / _KEPT, index=False)


def what_came_of_offers(study: Study) -> OffersAnswer:
    """Follow noted losses by what was offered.

    Parameters
    ----------
    study : Study
        A prepared dataset; where its pages show codes, :func:`keep_offers` goes first.

    Returns
    -------
    OffersAnswer

    Notes
    -----
    A loss is followed from the day on which it was noted (``known_on``, else its date), or from the last order if that
    is later. Losses noted less than `WITHIN` months ago are left out, whether their clients came back or not.
    """
    losses = _with_offers(study)
    if losses is None:
        return OffersAnswer(read=False, returns=_counted(pd.DataFrame({"offer": [], "back": []})))
    noted = noted_rows(lost_clients(study), losses)
    told = noted["known_on_note"].fillna(noted["date"]) if "known_on_note" in noted else noted["date"]
    begin = told.where(told > noted["left_on"], noted["left_on"])
    end = begin + pd.DateOffset(months=WITHIN)
    followed = (end <= study.as_of) & ~(noted["returned_on"] <= begin)
    noted = noted.assign(back=noted["returned_on"] <= end)[followed].sort_values(["client_id", "left_on"])
    return OffersAnswer(read=True, returns=_counted(noted.drop_duplicates("client_id")))


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First share less the second, with Newcombe's interval from the Wilson intervals of both.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
    methods, Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> found = difference(share(56, 70), share(48, 80))
    >>> [round(figure, 4) for figure in (found.value, found.low, found.high)]
    [0.2, 0.0524, 0.3339]
    """
    value = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - float(below), value + float(above))


def _with_offers(study: Study) -> pd.DataFrame | None:
    """Losses with the kind of offer; None where it is not known."""
    losses = study.tables.losses
    if losses is None or losses.empty:
        return None
    if "counter_offer" in losses:
        return losses.assign(offer=kinds(losses["counter_offer"]))
    if not (study.folder / _KEPT).is_file():
        return None
    kept = pd.read_parquet(study.folder / _KEPT).drop_duplicates(["client_id", "date"])
    keys = pd.MultiIndex.from_frame(losses[["client_id", "date"]].astype({"client_id": "object"}))
    offer = kept.astype({"client_id": "object"}).set_index(["client_id", "date"])["offer"].reindex(keys)
    return losses.assign(offer=offer.fillna("not noted").to_numpy())


def _counted(noted: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for kind in KINDS:
        back = noted.loc[noted["offer"] == kind, "back"]
        found = share(int(back.sum()), len(back))
        rows.append((kind, len(back), int(back.sum()), found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["offer", "n", "returned", "share", "low", "high"])


def _ends(row: Mapping[Hashable, Any]) -> Estimate:
    return Estimate(float(row["share"]), float(row["low"]), float(row["high"]))
