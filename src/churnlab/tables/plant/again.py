"""The same plant again under different policies: their true difference, client by client."""

from collections.abc import Mapping

import pandas as pd

from churnlab.tables.plant.clock import AHEAD_AT_MOST, END, END_DAY
from churnlab.tables.plant.course import Course, run_course, share_staying
from churnlab.tables.plant.laws import SEGMENTS, Policy
from churnlab.tables.plant.make import SEED, law_named
from churnlab.tables.plant.streams import Streams
from churnlab.tables.plant.traits import draw_traits
from churnlab.tables.plant.truth import true_lines


def true_difference(
    first: Policy, second: Policy, *, law: str = "service", clients: int = 200, seed: int = SEED, months: int = 60
) -> pd.DataFrame:
    """Run a plant on beyond its records under two policies, and compare them client by client.

    Both runs meet the same chances: a client whom the policies treat alike lives the same life in both, and
    differs by exactly 0.

    Parameters
    ----------
    first, second : Policy
        In force from the end of the records on.
    law : str
        A name in `LAWS`.
    clients : int
        About how many clients are there at the end of the records.
    seed : int
        Of the plant.
    months : int
        To run on, 1 to 600.

    Returns
    -------
    pandas.DataFrame
        A row for each client with the plant at the end of the records: client_id, segment; months_first and
        months_second (with the plant, of those run on); value_first and value_second (expected profit in EUR at
        the list prices of 2017, before fixed cost, discounted at 15 % a year).

    Raises
    ------
    ValueError
        If the law is not known, the seed negative, or the number of clients or months out of range.

    Examples
    --------
    >>> from churnlab.tables.plant import AS_IS, SERVICE
    >>> both = true_difference(AS_IS, SERVICE, months=12)
    >>> bool((both["months_second"] - both["months_first"]).sum() >= 0)
    True
    """
    if not 1 <= months <= AHEAD_AT_MOST:
        raise ValueError(f"months: expected 1 to {AHEAD_AT_MOST}, came {months}")
    traits = draw_traits(Streams(seed), law=law_named(law), clients=clients)
    runs = [_run_on(policy, law=law, clients=clients, seed=seed, months=months) for policy in (first, second)]
    lives = runs[0].lives
    here = pd.unique(lives.client[(lives.begin < END_DAY) & (lives.end >= END_DAY)])
    return pd.DataFrame(
        {
            "client_id": traits.client_id[here],
            "segment": SEGMENTS[traits.segment[here]],
            "months_first": runs[0].kept[here],
            "months_second": runs[1].kept[here],
            "value_first": runs[0].value[here],
            "value_second": runs[1].value[here],
        }
    )


def true_lifetimes(*, law: str = "service", clients: int = 200, seed: int = SEED) -> pd.DataFrame:
    """Run a plant on for 50 years, so that nearly every need of a line that began in the records has ended.

    Parameters
    ----------
    law, clients, seed
        As for :func:`true_difference`.

    Returns
    -------
    pandas.DataFrame
        A row for each need that reaches into the records: client_id, product_line, begins_on, ends_on, years.

    Raises
    ------
    ValueError
        If the law is not known, the seed negative, or the number of clients out of range.
    """
    chosen = law_named(law)
    streams = Streams(seed)
    traits = draw_traits(streams, law=chosen, clients=clients)
    lines = true_lines(traits, run_course(streams, traits, law=chosen, months=END + AHEAD_AT_MOST))
    return lines.assign(years=(lines["ends_on"] - lines["begins_on"]).dt.days / 365.25)


def true_outlook(truth: Mapping[str, pd.DataFrame], *, months: int = 12, futures: int = 400) -> pd.DataFrame:
    """Run a plant on as is on many chances: how likely each client truly is to stay.

    Parameters
    ----------
    truth : mapping of str to DataFrame
        As :func:`read_truth` gives it.
    months : int
        To run on, 1 to 600.
    futures : int
        How often; the shares have this many draws behind them.

    Returns
    -------
    pandas.DataFrame
        A row for each client with the plant at the end of the records, by client_id; columns 1 to `months`: the
        share of the futures in which it has not left by the end of that month.

    Raises
    ------
    ValueError
        If the number of months or futures is out of range.
    """
    if not 1 <= months <= AHEAD_AT_MOST:
        raise ValueError(f"months: expected 1 to {AHEAD_AT_MOST}, came {months}")
    if futures < 1:
        raise ValueError(f"futures: expected 1 or more, came {futures}")
    made = truth["plant"].iloc[0]
    law, clients, seed = law_named(made["law"]), int(made["clients"]), int(made["seed"])
    traits, here, staying = share_staying(seed, law=law, clients=clients, months=months, futures=futures)
    index = pd.Index(traits.client_id[here], name="client_id", dtype="str")
    return pd.DataFrame(staying[:, here].T, index=index, columns=pd.RangeIndex(1, months + 1, name="month"))


def _run_on(policy: Policy, *, law: str, clients: int, seed: int, months: int) -> Course:
    """Run a plant with its own chances, under a policy from the end of the records on."""
    chosen = law_named(law)
    streams = Streams(seed)
    traits = draw_traits(streams, law=chosen, clients=clients)
    return run_course(streams, traits, law=chosen, policy=policy, months=END + months)
