"""Sliders for the levers, in JupyterLab: each move runs the policies anew and redraws the verdict."""

from dataclasses import dataclass
from typing import Any, Final

from churnlab.answers.scenario import SOFT
from churnlab.answers.scenario_levers import Bench, Levers, Verdict, held, verdict_at
from churnlab.reports.show import Markup, answer, table
from churnlab.scenarios import Solved

STILL: Final = (
    "In JupyterLab sliders stand here, for the price cut, what service aims at and costs, and how often and how deep "
    "competitors offer; each move draws the verdict anew. They need a running notebook and ipywidgets (pip install "
    "'churnlab[notebook]'). The table of settings says the same at some of them."
)


@dataclass(frozen=True, slots=True)
class _Range:
    """What one slider runs over: text, ends and step, all of them figures of `Levers` times `times`."""

    text: str
    least: float
    most: float
    step: float
    times: float = 1.0


_RANGES: Final = {
    "price_cut": _Range("price cut, %", 0, 10, 0.5, 100),
    "service_points": _Range("points of service", 0, 2, 0.1),
    "service_cost": _Range("cost of service, %", 0, 6, 0.25, 100),
    "offers_per_year": _Range("offers a year", 0.06, 1.2, 0.06),
    "offer_depth": _Range("depth of offers, %", 2, 10, 0.5, 100),
}
_OF_SERVICE: Final = ("service_points", "service_cost")


@dataclass(frozen=True, slots=True)
class Sliders:
    """Sliders where a notebook runs and can show them; a sentence on every other page.

    Attributes
    ----------
    bench : Bench
        What verdicts are run from.
    first : Verdict
        The verdict at the usual setting.
    """

    bench: Bench
    first: Verdict

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Hand the sliders to Jupyter, and the sentence for pages that cannot hold them."""
        del include, exclude
        still = Markup(f"<p>{STILL}</p>", STILL)._repr_mimebundle_()
        try:
            import ipywidgets  # noqa: PLC0415 -- an extra
        except ImportError:
            return dict(still)
        return {**self.box(ipywidgets)._repr_mimebundle_(), **still}

    def box(self, widgets: Any) -> Any:
        """Make the sliders and the verdict below them.

        Parameters
        ----------
        widgets : module
            ``ipywidgets``.

        Returns
        -------
        VBox
            One slider a lever, then the verdict as HTML.
        """
        shown = widgets.HTML(value=verdict_html(self.first))
        sliders = {name: _slider(widgets, name) for name in _RANGES if self.bench.scored or name not in _OF_SERVICE}
        known: dict[tuple[float, ...], Solved] = {}

        def redraw(_: object) -> None:
            levers = Levers(**{name: round(one.value / _RANGES[name].times, 6) for name, one in sliders.items()})
            competitor = tuple(levers.competitor.values())
            if competitor not in known:
                known.clear()
                known[competitor] = held(self.bench, levers)
            shown.value = verdict_html(verdict_at(self.bench, levers, known[competitor]))

        for slider in sliders.values():
            slider.observe(redraw, names="value")
        return widgets.VBox([*sliders.values(), shown])


def verdict_html(found: Verdict) -> str:
    """Write a verdict as its sentence and its table.

    Parameters
    ----------
    found : Verdict
        At one setting.

    Returns
    -------
    str
        Escaped.
    """
    said = answer([found.sentence]).html
    if not found.differences:
        return said
    caption = (
        f"Discounted profit over {found.months} months, paired, with 95 % intervals over {found.draws} draws. {SOFT}"
    )
    return said + table(found.table, caption=caption).html


def _slider(widgets: Any, name: str) -> Any:
    """Make one slider at its usual value; it reports a move when it is let go."""
    known = _RANGES[name]
    return widgets.FloatSlider(
        value=getattr(Levers(), name) * known.times,
        min=known.least,
        max=known.most,
        step=known.step,
        description=known.text,
        continuous_update=False,
        style={"description_width": "10em"},
        layout={"width": "32em"},
    )
