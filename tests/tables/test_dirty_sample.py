"""Recovery: the findings on a dirty copy of the sample name every planted fault at its row, and nothing else."""

import pytest
from dirty_sample import (
    SAMPLE,
    Dirty,
    a_grouped_report,
    months_amiss,
    returns_without_a_minus,
    row_by_row,
    rows_lost,
    scores_on_another_scale,
)

from churnlab.tables import RULES, Tables, load
from churnlab.tables.findings import STORED_PER_RULE

PLANS = [row_by_row, months_amiss, scores_on_another_scale, rows_lost, returns_without_a_minus, a_grouped_report]


def found(tables: Tables) -> set[tuple[str, int | None, str]]:
    """Place and rule of every finding that is kept one by one."""
    return {(finding.file, finding.row, finding.rule) for finding in tables.findings}


@pytest.fixture(scope="module")
def clean() -> set[tuple[str, int | None, str]]:
    return found(load(SAMPLE))


@pytest.fixture(scope="module", params=PLANS, ids=lambda plan: plan.__name__)
def plan(request, tmp_path_factory) -> tuple[Dirty, Tables]:
    dirty = request.param(tmp_path_factory.mktemp("dirty"))
    return dirty, load(dirty.folder)


def test_every_planted_fault_is_named_at_its_row_and_nothing_else(plan, clean):
    dirty, tables = plan
    met = found(tables) - clean
    for rule in {rule for _, _, rule in met | dirty.planted}:
        mine, theirs = ({place for place in places if place[2] == rule} for places in (dirty.planted, met))
        if len(mine) > STORED_PER_RULE:
            assert theirs <= mine
            assert tables.finding_counts.set_index("rule").loc[rule, "count"] == len(mine)
        else:
            assert theirs == mine, rule


def test_nothing_is_lost_without_a_line(plan):
    _, tables = plan
    for line in tables.reconciliation.to_dict("records"):
        assert line["rows_read"] == line["rows_kept"] + line["rows_left_out"] + line["rows_dropped"]
        if line["table"] == "orders":
            parts = line["amount_kept"] + line["amount_left_out"] + line["amount_dropped"]
            assert line["amount_read"] + line["amount_converted"] == pytest.approx(parts, abs=0.01)


def test_every_rule_is_violated_at_least_once(tmp_path):
    planted = {"merged client"}  # one stands in the sample itself
    for number, plan in enumerate(PLANS):
        folder = tmp_path / str(number)
        folder.mkdir()
        planted |= {rule for _, _, rule in plan(folder).planted}
    assert planted == set(RULES)
