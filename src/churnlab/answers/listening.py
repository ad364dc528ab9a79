"""What do the surveys say, how sure is it, and which factor goes with recommendation?"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE, answered, asked, response, silences_known, votes
from churnlab.answers.overview import what_do_we_have
from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval, percent, points, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import Comparison, compare, nps, promoter_classes, rank_correlation
from churnlab.tables import Tables

_GROUP = ["wave", "mode"]
_KINDER = "Whether clients answer their own manager more kindly we cannot say:"
_NOTHING = Comparison(0, 0, 0, np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class ListeningAnswer:
    """What the surveys say.

    Attributes
    ----------
    surveyed, scored : bool
        Whether there are surveys, and recommendation scores in them.
    trend : DataFrame
        ``wave``, ``mode``, ``period`` (year), ``n``, ``nps``, ``low``, ``high``: the wave and mode with the most
        answers, years with enough of them; empty where there is none.
    moved : Comparison
        Index of the trend's last year less that of the year before, points.
    response : DataFrame
        ``wave``, ``mode``, ``invited``, ``answered``, ``clients``, ``share``, ``low``, ``high``; empty where the source
        holds answers only.
    answered : Estimate
        Share of all invitations that were answered; NaN where the source holds answers only.
    bounds : DataFrame
        ``wave``, ``mode``, ``period``, ``n``, ``silent``, ``nps``, ``low``, ``high``, ``worst``, ``worst_low``,
        ``best``, ``best_high``: the last year of every wave and mode; what the index would be, and the outer end of its
        interval, if all clients that were asked and gave no score were detractors (worst) or promoters (best); NaN
        where the source holds answers only.
    manager_known : bool
        Whether we know who asked and whose clients they are.
    own, own_within : Comparison
        Recommendation where the account's own manager of the time asked less that where somebody else did, within
        wave, mode and year; and within client, wave and mode.
    factors : DataFrame
        ``factor``, ``n`` (clients), ``correlation``, ``low``, ``high``: Spearman's, of clients' mean scores with their
        mean recommendation, the closest first.
    """

    surveyed: bool
    scored: bool
    trend: pd.DataFrame
    moved: Comparison
    response: pd.DataFrame
    answered: Estimate
    bounds: pd.DataFrame
    manager_known: bool
    own: Comparison
    own_within: Comparison
    factors: pd.DataFrame

    @property
    def headline(self) -> str:
        """The index of the wave and mode with the most answers."""
        if not self.surveyed:
            return "We cannot say what clients think: there are no surveys."
        if not self.scored:
            return "We cannot say whether clients would recommend us: there are no recommendation scores."
        if self.trend.empty:
            return "We cannot say whether clients would recommend us: too few of them answered in any year."
        last = self.trend.iloc[-1]
        return (
            f"Net promoter index of the {_name(last)} wave, {last['period']}: "
            f"{interval(Estimate(last['nps'], last['low'], last['high']), points)}, {count(last['n'])} clients."
        )

    @property
    def trend_sentence(self) -> str:
        """Whether the index moved."""
        if len(self.trend) < 2:
            return "We cannot say whether the index moved: fewer than two years have enough answers."
        before, last = self.trend["period"].iloc[-2:]
        moved = Estimate(self.moved.value, self.moved.low, self.moved.high)
        said = f"In the {_name(self.trend.iloc[-1])} wave the index of {last} less that of {before} is"
        figure = f"{interval(moved, points)}, over {count(self.moved.clients)} clients"
        if np.isnan(moved.low):
            return f"We cannot say whether the index moved from {before} to {last}: too few changed or answered."
        if not (moved.low > 0 or moved.high < 0):
            return f"{said} {figure}: we cannot tell whether it moved."
        return f"{said} {figure}: it {'rose' if moved.value > 0 else 'fell'}."

    @property
    def response_sentence(self) -> str:
        """How many answered, and where fewest did."""
        if not self.surveyed:
            return self.headline
        if self.response.empty:
            return "How many were asked and did not answer we cannot say: the surveys hold answers only."
        said = (
            f"Of {count(self.response['invited'].sum())} invitations {interval(self.answered, percent)} were answered"
        )
        if len(self.response) < 2:
            return f"{said}."
        least = self.response.sort_values("share", kind="stable").iloc[0]
        share = interval(Estimate(least["share"], least["low"], least["high"]), percent)
        return f"{said}; the fewest in the {_name(least)} wave: {share}."

    @property
    def bounds_sentence(self) -> str:
        """How far those who said nothing could bend the index."""
        if self.trend.empty:
            return self.headline
        last = self.trend.iloc[-1]
        row = self.bounds[(self.bounds[_GROUP] == last[_GROUP]).all(axis=1)].iloc[0]
        if np.isnan(row["worst"]):
            return "How far silence bends the index we cannot say: who was asked and did not answer is not recorded."
        return (
            f"{count(row['silent'])} clients were asked in the {_name(row)} wave of {row['period']} and gave no score. "
            f"Had all of them been detractors, or all promoters, the index would stand at {points(row['worst'])} or "
            f"{points(row['best'])}; chance among those who answered carries this from {points(row['worst_low'])} to "
            f"{points(row['best_high'])}."
        )

    @property
    def own_sentences(self) -> tuple[str, ...]:
        """Whether answers to the account's own manager are kinder."""
        if not self.scored:
            return (self.headline,)
        if not self.manager_known:
            return (f"{_KINDER} who asked, or whose clients they are, is not known.",)
        if np.isnan(self.own.low):
            return (f"{_KINDER} too few answers can be compared.",)
        said = [
            f"{_verdict(self.own)}: {_points(self.own)} points of recommendation, compared within wave, mode and year "
            f"({count(self.own.chosen)} answers against {count(self.own.others)}, {count(self.own.clients)} clients)."
        ]
        if not np.isnan(self.own_within.low):
            said.append(
                f"{_verdict(self.own_within)}: {_points(self.own_within)} points between answers of the same client in "
                f"the same wave and mode ({count(self.own_within.clients)} clients)."
            )
        return (*said, "This compares; it does not show what being asked by somebody else would change.")

    @property
    def factor_sentence(self) -> str:
        """Which factor goes most closely with recommendation, if that can be told."""
        if not self.scored:
            return self.headline
        if len(self.factors) < 2:
            return "Which factor goes with recommendation we cannot say: too few clients rated two factors or more."
        first = self.factors.iloc[0]
        tied = self.factors[self.factors["high"] >= first["low"]]
        behind = self.factors[self.factors["high"] < first["low"]]
        if len(tied) > 1:
            said = f"We cannot tell which goes most closely with recommendation, {_closeness(tied, 'or')}"
        else:
            said = f"Most closely goes with recommendation {_closeness(tied)}"
        less = f"; less closely goes {_closeness(behind)}" if len(behind) else ""
        return f"{said}{less} (rank correlations over up to {count(self.factors['n'].max())} clients)."

    @property
    def bias_sentence(self) -> str:
        """What such correlations cannot show."""
        return (
            "A client that rates everything kindly raises every one of these correlations, and none of them shows what "
            "mending a factor would change."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.scored or self.trend.empty:
            return (self.headline, *(() if not self.scored else (self.response_sentence, self.factor_sentence)))
        return (
            self.headline,
            self.trend_sentence,
            self.response_sentence,
            self.bounds_sentence,
            *self.own_sentences,
            self.factor_sentence,
        )


def what_do_the_surveys_say(study: Study) -> ListeningAnswer:
    """Read index, response and factors from the surveys.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ListeningAnswer
    """
    surveys = study.tables.surveys
    index = study.ask(what_do_we_have).nps
    scored = surveys is not None and len(index) > 0
    trend = _trend(index)
    known, own, within = False, _NOTHING, _NOTHING
    if surveys is not None and scored:
        known, own, within = _own_manager(surveys, study.tables)
    return ListeningAnswer(
        surveyed=surveys is not None,
        scored=scored,
        trend=trend,
        moved=_moved(surveys, trend),
        response=response(surveys),
        answered=answered(surveys),
        bounds=_bounds(surveys, index),
        manager_known=known,
        own=own,
        own_within=within,
        factors=_factors(surveys) if surveys is not None and scored else _factor_frame([]),
    )


def _trend(index: pd.DataFrame) -> pd.DataFrame:
    """Years of the wave and mode with the most answers."""
    known = index.dropna(subset="nps")
    if known.empty:
        return known.reset_index(drop=True)
    most = known.groupby(_GROUP)["n"].sum().idxmax()
    return known[(known[_GROUP] == pd.Series(most, index=_GROUP)).all(axis=1)].reset_index(drop=True)


def _moved(surveys: pd.DataFrame | None, trend: pd.DataFrame) -> Comparison:
    """Index of the last two years of the trend against one another; one client may have voted in both."""
    if surveys is None or len(trend) < 2:
        return _NOTHING
    before, last = trend["period"].iloc[-2:]
    cast = votes(surveys)
    here = (cast[_GROUP] == trend[_GROUP].iloc[-1]).all(axis=1) & cast["period"].isin([before, last])
    cast = cast[here]
    vote = 100.0 * ((cast["recommend"] >= 9).astype(int) - (cast["recommend"] < 7).astype(int))
    return compare(vote, (cast["period"] == last).to_numpy(), cast["client_id"].to_numpy())


def _bounds(surveys: pd.DataFrame | None, index: pd.DataFrame) -> pd.DataFrame:
    """Index of the last year of every wave and mode if all silent clients were detractors, or promoters."""
    columns = ["wave", "mode", "period", "n", "silent", "nps", "low", "high", "worst", "worst_low", "best", "best_high"]
    known = index.dropna(subset="nps")
    if surveys is None or known.empty:
        return pd.DataFrame({name: [] for name in columns})
    last = known[known["period"] == known.groupby(_GROUP)["period"].transform("max")]
    cast, invited = votes(surveys), asked(surveys)
    rows = []
    for row in last.to_dict("records"):
        here = (cast[[*_GROUP, "period"]] == [row["wave"], row["mode"], row["period"]]).all(axis=1)
        silent = _silent(invited, cast[here], row) if silences_known(surveys) else np.nan
        rows.append((*row.values(), silent, *_extremes(promoter_classes(cast.loc[here, "recommend"]), silent)))
    frame = pd.DataFrame(rows, columns=[*last.columns, "silent", *columns[-4:]])
    return frame[columns]


def _silent(invited: pd.DataFrame, cast: pd.DataFrame, row: Mapping[Hashable, object]) -> int:
    """Clients asked that gave no score in a wave, mode and year; a silence without a mode counts in every mode."""
    here = (invited["wave"] == row["wave"]) & (invited["period"] == row["period"])
    here &= invited["mode"].isin([row["mode"], UNKNOWN_MODE])
    return len(set(invited.loc[here, "client_id"]) - set(cast["client_id"]))


def _extremes(classes: tuple[int, int, int], silent: float) -> tuple[float, float, float, float]:
    """Worst index and its low end, best index and its high end."""
    if np.isnan(silent):
        return np.nan, np.nan, np.nan, np.nan
    detractors, passives, promoters = classes
    worst = nps(detractors + int(silent), passives, promoters)
    best = nps(detractors, passives, promoters + int(silent))
    return worst.value, worst.low, best.value, best.high


def _manager_of_the_time(surveys: pd.DataFrame, tables: Tables) -> "pd.Series[str] | None":
    """Who looked after each survey row's client then: by its last order, else by the clients table."""
    orders, clients = tables.orders, tables.clients
    now = clients.set_index("client_id")["manager_id"] if clients is not None and "manager_id" in clients else None
    today = None if now is None else surveys["client_id"].map(now)
    if "manager_id" not in orders:
        return today
    named = orders.dropna(subset="manager_id").sort_values("order_date", kind="stable")
    asked = surveys[["client_id", "survey_date"]].sort_values("survey_date", kind="stable")
    then = pd.merge_asof(
        asked,
        named[["client_id", "order_date", "manager_id"]],
        left_on="survey_date",
        right_on="order_date",
        by="client_id",
    )
    found = pd.Series(then["manager_id"].to_numpy(), index=asked.index).reindex(surveys.index)
    return found if today is None else found.fillna(today)


def _own_manager(surveys: pd.DataFrame, tables: Tables) -> tuple[bool, Comparison, Comparison]:
    """Whether who asked is known; recommendation asked for by the own manager of the time against that of others."""
    manager = _manager_of_the_time(surveys, tables)
    if "asked_by" not in surveys or manager is None:
        return False, _NOTHING, _NOTHING
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    given = surveys.assign(manager=manager, mode=mode).dropna(subset=["recommend", "asked_by", "manager"])
    own, client = (given["asked_by"] == given["manager"]).to_numpy(), given["client_id"].to_numpy()
    score, group = given["recommend"].to_numpy(), [given["wave"], given["mode"]]
    placed = given.groupby([*group, given["survey_date"].dt.year]).ngroup()
    return (
        True,
        compare(score, own, client, stratum=placed),
        compare(score, own, client, stratum=given.groupby([*group, "client_id"]).ngroup()),
    )


def _factors(surveys: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of clients' mean scores with their mean recommendation, from answers that hold both."""
    names = [name for name in surveys.select_dtypes("float").columns if name != "recommend"]
    rows = []
    for name in names:
        means = surveys.dropna(subset=[name, "recommend"]).groupby("client_id")[[name, "recommend"]].mean()
        found = rank_correlation(means[name], means["recommend"])
        if not np.isnan(found.low):
            rows.append((name, found.n, found.value, found.low, found.high))
    return _factor_frame(rows)


def _factor_frame(rows: list[tuple[str, int, float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["factor", "n", "correlation", "low", "high"])
    return frame.sort_values(["correlation", "factor"], ascending=[False, True]).reset_index(drop=True)


def _name(row: "pd.Series[str]") -> str:
    """Wave and mode in words."""
    mode = "" if row["mode"] == UNKNOWN_MODE else f" {shortened(str(row['mode']))}"
    return f"{row['wave']}{mode}"


def _points(found: Comparison) -> str:
    return interval(Estimate(found.value, found.low, found.high), decimal)


def _verdict(found: Comparison) -> str:
    if found.low > 0:
        return "Clients answer their own manager more kindly"
    if found.high < 0:
        return "Clients answer their own manager less kindly"
    return "Whether clients answer their own manager more kindly we cannot tell"


def _closeness(factors: pd.DataFrame, last: str = "and") -> str:
    """Factors with their correlations."""
    rows = factors.to_dict("records")
    figures = [interval(Estimate(row["correlation"], row["low"], row["high"]), decimal) for row in rows]
    named = [f"{shortened(row['factor'])} {figure}" for row, figure in zip(rows, figures, strict=True)]
    return f" {last} ".join(filter(None, (", ".join(named[:-1]), named[-1])))
