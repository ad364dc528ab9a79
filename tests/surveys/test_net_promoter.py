"""The net promoter index and its interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.surveys import nps, promoter_classes

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
    index = nps(*counts)
    assert (index.low, index.high) == pytest.approx(ends, abs=0.005)
    assert index.n == sum(counts)
    assert index.value == pytest.approx(100 * (counts[2] - counts[0]) / sum(counts))


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


@given(COUNTS, COUNTS, COUNTS, st.integers(1, 20))
def test_direction_more_promoters_never_lower_the_index(detractors, passives, promoters, more):
    before, after = nps(detractors, passives, promoters), nps(detractors, passives, promoters + more)
    if before.n:
        assert after.value >= before.value
        assert after.low >= before.low
        assert after.high >= before.high


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
    assert not nps(3, 3, 4).too_few
    nobody = nps(*promoter_classes([np.nan]))
    assert nobody.n == 0
    assert np.isnan([nobody.value, nobody.low, nobody.high]).all()


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="expected counts of at least 0, got 1, -2, 3"):
        nps(1, -2, 3)
