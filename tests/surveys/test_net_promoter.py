"""The net promoter index and its interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import xlogy
from scipy.stats import binomtest

from churnlab.surveys import index_limits, nps, promoter_classes, votes

COUNTS = st.integers(0, 60)
# Adjusted Wald (3/4, 1 1/2, 3/4 added; Rocks 2016), worked out from its formula.
INTERVALS = {
    (10, 20, 30): (13.30, 50.19),
    (2, 3, 5): (-19.05, 65.20),
    (7, 24, 36): (25.47, 57.39),
    (40, 67, 100): (18.16, 38.98),
    (0, 0, 15): (61.56, 100.0),
}


@pytest.mark.parametrize(("counts", "ends"), INTERVALS.items())
def test_reference_adjusted_wald_intervals(counts, ends):
    index = nps(*counts, method="adjusted")
    assert (index.low, index.high) == pytest.approx(ends, abs=0.005)
    assert index.method == "adjusted"
    assert index.n == sum(counts)
    assert index.value == pytest.approx(100 * (counts[2] - counts[0]) / sum(counts))


@pytest.mark.parametrize(("counts", "ends"), {(10, 20, 30): (13.17, 50.56), (0, 0, 15): (59.22, 100.0)}.items())
def test_reference_score_intervals(counts, ends):
    """Rocks (2016)."""
    index = nps(*counts, method="score")
    assert (index.low, index.high) == pytest.approx(ends, abs=0.005)
    assert index.method == "score"


@pytest.mark.parametrize(
    ("counts", "value", "variance", "error"),
    [
        ((1, 2, 3), 1 / 3, 5 / 9, 0.304),
        ((1, 0, 1), 0, 1, 0.7071),
        ((0, 1, 1), 0.5, 0.25, 0.3536),
        ((1, 1, 1), 0, 2 / 3, 0.4714),
    ],
)
def test_reference_variance_and_standard_error(counts, value, variance, error):
    """The R package NPS."""
    index = nps(*counts)
    assert index.value == pytest.approx(100 * value)
    assert index.variance == pytest.approx(variance)
    assert index.standard_error == pytest.approx(100 * error, abs=0.06)


@given(st.integers(0, 40), st.integers(0, 40))
def test_reduction_without_passives_the_score_interval_is_wilsons(detractors, promoters):
    """Without passives the index is twice a share less one; its likeliest shares have no passives either."""
    if not detractors + promoters:
        return
    index = nps(detractors, 0, promoters)
    wilson = binomtest(promoters, detractors + promoters).proportion_ci(method="wilson")
    assert (index.low, index.high) == pytest.approx((200 * wilson.low - 100, 200 * wilson.high - 100), abs=1e-6)


@given(COUNTS, COUNTS, COUNTS)
def test_property_the_score_interval_ends_where_the_test_stops_refusing(detractors, passives, promoters):
    """At an end the restricted likelihood is found anew by search over detractors' shares."""
    n = detractors + passives + promoters
    index = nps(detractors, passives, promoters, method="score")
    if not n or index.high > 99.9:
        return
    end = index.high / 100
    lost = np.linspace(max(0, -end), (1 - end) / 2, 200_001)
    likely = xlogy(detractors, lost) + xlogy(passives, 1 - end - 2 * lost) + xlogy(promoters, lost + end)
    best = lost[np.argmax(likely)]
    z = (end - index.value / 100) / np.sqrt((2 * best + end - end**2) / n)
    assert z == pytest.approx(1.959964, abs=0.01)


@pytest.mark.parametrize(
    ("counts", "method"),
    [((7, 6, 6), "score"), ((7, 7, 6), "adjusted"), ((0, 30, 30), "score"), ((30, 0, 30), "score")],
)
def test_direction_few_answers_or_an_empty_class_are_scored(counts, method):
    assert nps(*counts).method == method
    assert nps(*counts) == nps(*counts, method=method)


@given(COUNTS, COUNTS, COUNTS, st.integers(0, 300))
def test_property_a_finite_population_narrows_and_stays_possible(detractors, passives, promoters, silent):
    n = detractors + passives + promoters
    if not n:
        return
    index, finite = nps(detractors, passives, promoters), nps(detractors, passives, promoters, population=n + silent)
    assert finite.corrected
    assert not index.corrected
    assert finite.value == index.value
    assert finite.high - finite.low <= index.high - index.low + 1e-9
    known = promoters - detractors
    assert 100 * (known - silent) / (n + silent) - 1e-9 <= finite.low <= finite.value + 1e-9
    assert finite.value - 1e-9 <= finite.high <= 100 * (known + silent) / (n + silent) + 1e-9


def test_reduction_everybody_answered_or_endless_clients():
    everybody = nps(10, 20, 30, population=60)
    assert (everybody.low, everybody.high) == pytest.approx((everybody.value, everybody.value))
    assert everybody.standard_error == 0
    endless, plain = nps(10, 20, 30, population=10**9), nps(10, 20, 30)
    assert (endless.low, endless.high) == pytest.approx((plain.low, plain.high), abs=1e-4)


def test_reduction_many_at_a_time_are_each_alone():
    counts = np.random.default_rng(4).integers(0, 30, (5, 4, 3))
    found = index_limits(counts, population=200)
    for place in np.ndindex(5, 4):
        index = nps(*counts[place], population=200)
        assert (found.low[place], found.high[place]) == (index.low, index.high)


@given(st.lists(st.integers(0, 10), max_size=50))
def test_reduction_classes_are_cut_below_7_and_from_9(scores):
    expected = (
        sum(score <= 6 for score in scores),
        sum(score in (7, 8) for score in scores),
        sum(score >= 9 for score in scores),
    )
    assert promoter_classes([*scores, np.nan]) == expected


@given(COUNTS, COUNTS, COUNTS)
def test_property_swapping_detractors_and_promoters_mirrors_the_index(detractors, passives, promoters):
    index, mirrored = nps(detractors, passives, promoters), nps(promoters, passives, detractors)
    expected = (-index.value, -index.high, -index.low)
    assert (mirrored.value, mirrored.low, mirrored.high) == pytest.approx(expected, nan_ok=True)


@given(COUNTS, COUNTS, COUNTS)
def test_property_the_interval_stays_on_the_scale_and_holds_the_index(detractors, passives, promoters):
    index = nps(detractors, passives, promoters)
    if index.n:
        assert -100 <= index.low < index.high <= 100
    if not index.too_few:
        assert index.low <= index.value <= index.high


@pytest.mark.parametrize(("method", "back"), [("adjusted", 1e-9), ("score", 1e-9), ("auto", 1.0)])
def test_direction_more_promoters_never_lower_the_index(method, back):
    """All counts up to 40; where the automatic choice changes the interval, an end may step back by under a point."""
    counts = np.stack(np.meshgrid(*[np.arange(41)] * 3, indexing="ij"), axis=-1)
    found = index_limits(counts, method=method)
    for ends in (found.low, found.high):
        assert np.nanmin(np.diff(ends, axis=2)) >= -back


@given(COUNTS, COUNTS, COUNTS)
def test_direction_a_wider_level_and_fewer_answers_widen_the_interval(detractors, passives, promoters):
    def width(index):
        return index.high - index.low

    index = nps(detractors, passives, promoters)
    if index.n:
        assert width(nps(detractors, passives, promoters, level=0.5)) < width(index)
        assert width(nps(9 * detractors, 9 * passives, 9 * promoters)) < width(index)


def test_too_few_and_no_answers_are_said():
    assert nps(3, 3, 3).too_few
    assert nps(3, 3, 3, population=9).too_few
    assert not nps(3, 3, 4).too_few
    assert nps(3, 3, 4).faint
    assert not nps(10, 10, 10).faint
    nobody = nps(*promoter_classes([np.nan]))
    assert nobody.n == 0
    assert np.isnan([nobody.value, nobody.low, nobody.high, nobody.standard_error]).all()
    assert nobody.too_few


def test_votes_are_the_classes():
    assert votes([[6.5, 7], [8.9, 9]]).tolist() == [[-1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("counts", "asked", "words"),
    [
        ((1, -2, 3), {}, "expected counts of at least 0, got 1, -2, 3"),
        ((1, 2, np.nan), {}, "expected counts of at least 0, got 1, 2, nan"),
        ((1, 2, 3), {"level": 95}, "expected level between 0 and 1, got 95"),
        ((1, 2, 3), {"method": "wald"}, "expected method .* got 'wald'"),
        ((1, 2, 3), {"population": 5}, "expected at most 5 answers, one of each client, got 6"),
    ],
)
def test_what_cannot_be_is_refused(counts, asked, words):
    with pytest.raises(ValueError, match=words):
        nps(*counts, **asked)


def test_a_table_of_other_than_three_classes_is_refused():
    with pytest.raises(ValueError, match=r"expected detractors, passives and promoters .* got shape \(2,\)"):
        index_limits([1, 2])
