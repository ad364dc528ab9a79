"""Sliders move the verdict in a notebook; elsewhere a sentence stands in their place, and no trace of a widget."""

import builtins
import sys
from types import SimpleNamespace

import pytest
from nbformat import v4

from churnlab.answers.scenario_levers import Levers, make_bench, verdict_at
from churnlab.reports import notebooks
from churnlab.reports.render import render
from churnlab.reports.sliders import STILL, Sliders, verdict_html
from churnlab.scenarios import draw_assumptions, made_book

BENCH = make_bench(made_book(draw_assumptions(192, rng=1), 20), months=6, seed=1, scored=True)
SLIDERS = Sliders(BENCH, verdict_at(BENCH, Levers()))


class _Slider(SimpleNamespace):
    """What a slider does: it keeps a value and tells of a new one."""

    def observe(self, told, names):
        assert names == "value"
        self.told = told

    def move(self, value):
        self.value = value
        self.told({"new": value})


PLAIN = SimpleNamespace(FloatSlider=_Slider, HTML=_Slider, VBox=list)
"""Widgets as far as sliders use them, without the library."""


def test_reduction_a_moved_slider_shows_the_verdict_at_its_setting():
    *sliders, shown = SLIDERS.box(PLAIN)
    named = {one.description: one for one in sliders}
    assert shown.value == verdict_html(SLIDERS.first)
    named["price cut, %"].move(2.0)
    assert shown.value == verdict_html(verdict_at(BENCH, Levers(price_cut=0.02)))
    named["offers a year"].move(0.6)
    assert shown.value == verdict_html(verdict_at(BENCH, Levers(price_cut=0.02, offers_per_year=0.6)))
    named["price cut, %"].move(4.0)
    named["offers a year"].move(0.36)
    assert shown.value == verdict_html(SLIDERS.first)


@pytest.mark.parametrize("end", ["min", "max"])
def test_property_every_end_of_every_slider_is_a_setting(end):
    *sliders, shown = SLIDERS.box(PLAIN)
    for one in sliders:
        one.move(getattr(one, end))
        assert "At a price cut of" in shown.value


def test_without_scores_there_are_no_sliders_for_service():
    bench = make_bench(BENCH.book, months=6, seed=1, scored=False)
    *sliders, _ = Sliders(bench, verdict_at(bench, Levers())).box(PLAIN)
    assert [one.description for one in sliders] == ["price cut, %", "offers a year", "depth of offers, %"]


def test_without_the_library_a_sentence_says_what_is_missing(monkeypatch):
    found = builtins.__import__

    def without(name, *rest, **more):
        if name == "ipywidgets":
            raise ImportError(name)
        return found(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "ipywidgets", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    bundle = SLIDERS._repr_mimebundle_()
    assert bundle == {"text/html": f"<p>{STILL}</p>", "text/plain": STILL}


def test_the_library_makes_a_view_of_them_beside_the_sentence():
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
    bundle = SLIDERS._repr_mimebundle_()
    assert notebooks.WIDGET in bundle
    assert bundle["text/html"] == f"<p>{STILL}</p>"


def test_no_view_of_a_widget_is_stored_or_printed(site):
    bundle = {notebooks.WIDGET: {"model_id": "5f2a", "version_major": 2}, "text/html": "<p>Still</p>"}
    alone = {notebooks.WIDGET: {"model_id": "77ab"}, "text/plain": "VBox(children=())"}
    outputs = [v4.new_output("display_data", data=data) for data in (bundle, alone)]
    made = v4.new_notebook(cells=[v4.new_markdown_cell("# Title"), v4.new_code_cell("show()", outputs=outputs)])
    notebooks.without_widgets(made)
    assert [dict(output.data) for output in made.cells[1].outputs] == [{"text/html": "<p>Still</p>"}]
    page = render(made, name="04_who_is_at_risk", site=site)
    assert "Still" in page
    assert "model_id" not in page
