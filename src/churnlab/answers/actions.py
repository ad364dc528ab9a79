"""What is to be done, as sheets: whom to call, who is key, whom to ask back, what to expect, what to send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from churnlab.answers.actions_frames import REST, deal_sheet, surveys_to_send
from churnlab.answers.asking_back import worth_asking
from churnlab.answers.call_sheet import what_each_will_order
from churnlab.answers.called import called
from churnlab.answers.calls import whom_to_call
from churnlab.answers.deals import what_is_an_offer_worth
from churnlab.answers.key_clients import who_is_key
from churnlab.answers.language import ENGLISH, Language
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.occasions import coming_days
from churnlab.answers.plain import factor, plainer
from churnlab.answers.said import promoters_to_ask, strengths_and_threats
from churnlab.answers.study import Study
from churnlab.answers.summary_words import money_sentence
from churnlab.answers.wording import fill
from churnlab.tables import CONTRACT, findings_frame

Kind = Literal["text", "day", "money", "share", "whole", "figure"]
"""How a column's values are written; money in the currency of the orders, shares as percent."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a sheet.

    Attributes
    ----------
    title : str
        Its header.
    kind : str
        How values are written.
    says : str
        What it holds, for the data dictionary.
    """

    title: str
    kind: Kind
    says: str


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet of the workbook.

    Attributes
    ----------
    name : str
        At most 31 characters, letters and spaces.
    says : str
        What it is for.
    fields : tuple of Field
        Its columns, as those of the frame.
    frame : DataFrame
        Rows; missing values are left empty.
    empty : str
        Why there are no rows, where there are none.
    """

    name: str
    says: str
    fields: tuple[Field, ...]
    frame: pd.DataFrame
    empty: str


def action_sheets(study: Study, language: Language = ENGLISH) -> tuple[Sheet, ...]:
    """Lay out all sheets, the data dictionary last.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    language : Language
        Of the sheets.

    Returns
    -------
    tuple of Sheet
    """
    parts = (_calls, _key, _back, _said, _expected, _deal, _surveys, _promoters, _found)
    sheets = tuple(part(study, language) for part in parts)
    return (*sheets, _dictionary(sheets, language))


def action_notes(study: Study, language: Language = ENGLISH) -> tuple[str, ...]:
    """Say what a reader of the sheets should know first.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    language : Language
        Of the notes.

    Returns
    -------
    tuple of str
        The currency; why `value at risk` is not `risk` times `value`; how many clients stand in two sheets.
    """
    said = [
        money_sentence(study, language),
        language.say(
            "'value at risk' is not 'risk' times 'value': who goes within the year still brings something before it "
            "does, so that its going takes a part of the value only."
        ),
    ]
    both = int(study.ask(what_each_will_order).clients["client_id"].isin(_away(study).index).sum())
    if both:
        said.append(
            language.say(
                "{number} clients stand in both 'Call sheet' and 'Win-back': silent past their limit, or noted as "
                "lost, but some orders are still to be expected; the column 'note' says which.",
                number=language.count(both),
            )
        )
    return tuple(said)


def _away(study: Study) -> "pd.Series[bool]":
    """Clients under Win-back, and whether their silence has reached its limit."""
    asked_back = study.ask(what_is_an_offer_worth).asked["client_id"]
    last = study.lives().frame.drop_duplicates("client_id", keep="last").set_index("client_id")["left_on"]
    return asked_back.map(last).notna().set_axis(asked_back)


def _noted(study: Study, clients: "pd.Series[str]", language: Language) -> list[str]:
    """Why clients of a sheet also stand under Win-back; empty where they do not."""
    words = {
        True: language.say("silent past the limit: also under Win-back"),
        False: language.say("noted as lost, not silent past its limit: see Win-back"),
    }
    return [words.get(one, "") for one in clients.map(_away(study))]


def _client(language: Language) -> Field:
    return Field(language.say("client"), "text", language.say("code or name, as on the pages"))


def _manager(language: Language) -> Field:
    return Field(language.say("manager"), "text", language.say("who looks after it, as far as the tables say"))


def _interval(figure: Field, language: Language, level: int = 95) -> tuple[Field, Field, Field]:
    """Give a figure and the ends of its interval."""
    end = language.say("end of its {level} % interval", level=level)
    titles = (language.say("{figure}, low", figure=figure.title), language.say("{figure}, high", figure=figure.title))
    return figure, Field(titles[0], figure.kind, end), Field(titles[1], figure.kind, end)


def _sheet(name: str, says: str, empty: str, frame: pd.DataFrame, fields: Mapping[str, Field]) -> Sheet:
    return Sheet(name, says, tuple(fields.values()), frame[list(fields)].reset_index(drop=True), empty)


def _labelled(frame: pd.DataFrame, label: Callable[[str], str], column: str = "client_id") -> pd.DataFrame:
    return frame.assign(**{column: [label(str(client)) for client in frame[column]]})


def _calls(study: Study, language: Language) -> Sheet:
    found, say = study.ask(whom_to_call), language.say
    frame = _labelled(found.chosen, study.label)
    frame["contact"] = frame["kind"].map(say).where(~frame["held_out"], say("held out: do not call"))
    frame["reasons"] = [plainer(reasons, language) for reasons in frame["reasons"]]
    frame["topic"] = frame["topic"].map(lambda topic: say(factor(topic)), na_action="ignore")
    frame["occasions"] = found.chosen["client_id"].map(coming_days(study, language))
    frame["note"] = _noted(study, found.chosen["client_id"], language)
    ahead = int(frame["horizon_months"].iloc[0]) if len(frame) else 0
    words, unit = called(study.ask(when_has_a_client_left)), {"unit": found.unit}
    chance = say(fill("chance of {doing} within the months beside it", words))
    worth = fill("{unit} of the next {months} months, on average for clients like this, discounted", unit)
    takes = fill("risk times what {doing} within those months takes of the value; both at their ends", words)
    risk = _interval(Field(say("risk"), "share", chance), language)
    value = _interval(Field(say("value"), "money", say(worth, months=ahead)), language)
    stake = _interval(Field(say("value at risk"), "money", say(takes)), language)
    fields = {
        "client_id": _client(language),
        "manager_id": _manager(language),
        "contact": Field(say("contact"), "text", say("call or visit; those held out show later what calling does")),
        **dict(zip(("risk", "risk_low", "risk_high"), risk, strict=True)),
        "risk_months": Field(say("within months"), "whole", say("months that the risk covers")),
        **dict(zip(("value", "mean_low", "mean_high"), value, strict=True)),
        **dict(zip(("at_risk", "low", "high"), stake, strict=True)),
        "reasons": Field(
            say("often seen with higher risk"),
            "text",
            say("goes with a higher risk in the records; not what causes it"),
        ),
        "topic": Field(say("topic"), "text", say("weakest factor of its last answers")),
        "last_contact": Field(say("last contact"), "day", say("day of the last noted contact")),
        "failures": Field(
            say("failures without contact since"),
            "whole",
            say("of the last 12 months, after which nobody called or visited"),
        ),
        "occasions": Field(say("occasions"), "text", say("what falls into the next 30 days")),
        "note": Field(say("note"), "text", say("whether it also stands under Win-back, and why")),
    }
    says = say(
        "Whom to call within the managers' hours, the most value at risk first. The highest risk is not always there."
    )
    return _sheet(say("Calls"), says, say(found.none_sentence), frame, fields)


def _key(study: Study, language: Language) -> Sheet:
    found, say = study.ask(who_is_key), language.say
    frame = _labelled(found.key, study.label, "group")
    frame["marks"] = ["; ".join(say(one) for one in marks.split("; ")) for marks in frame["marks"]]
    frame["undedicated"] = found.undedicated_in(language)
    fields = {
        "group": _client(language),
        "share": Field(
            say("share of sales"), "share", say("of all net sales of 12 months; counted, so without an interval")
        ),
        "marks": Field(say("marks"), "text", say("by data or by flag")),
        "manager_id": _manager(language),
        "undedicated": Field(say("nobody of its own"), "text", say("why no manager within the rule looks after it")),
    }
    says = say("Clients and groups that bear a mark of a key client, by falling share.")
    empty = say("None of {number} clients bears a mark of a key client.", number=language.count(found.clients))
    if not found.clients:
        empty = say("Who is key we cannot say: nothing was sold in the last 12 months.")
    return _sheet(say("Key clients"), says, empty, frame, fields)


def _back(study: Study, language: Language) -> Sheet:
    found, say = study.ask(what_is_an_offer_worth), language.say
    chance = Field(say("comes back"), "share", say("chance within 12 months, as clients did; not what asking adds"))
    worth = Field(
        say("its return is worth"),
        "money",
        say("that chance times a second life, less the offer; intervals are not validated"),
    )
    frame = found.asked.merge(worth_asking(study).frame.drop(columns="coded"), on="client_id", how="left")
    for name in ("coded", "ask", "argument"):
        frame[name] = frame[name].map(say, na_action="ignore")
    fields = {
        "client_id": _client(language),
        "left_on": Field(say("last order"), "day", say("day of the last order before the silence")),
        "months": Field(say("months away"), "whole", say("since then")),
        "coded": Field(say("noted reason"), "text", say("as the sales department wrote it down")),
        "ask": Field(say("ask back"), "text", say("by the trade's advice on the noted reason")),
        "argument": Field(say("with what"), "text", say("the trade's advice, not a finding of these data")),
        "amount": Field(say("sales of its last year"), "money", say("net, of the year up to the last order")),
        "margin": Field(say("margin of it"), "money", say("where costs are known")),
        **dict(zip(("chance", "chance_low", "chance_high"), _interval(chance, language), strict=True)),
        **dict(zip(("worth", "low", "high"), _interval(worth, language), strict=True)),
    }
    says = say("Who is away today, those who bought most first, and whether to ask them back.")
    empty = say("Nobody is away by this rule, so there is nobody to ask.")
    return _sheet(say("Win-back"), says, empty, _labelled(frame, study.label), fields)


def _expected(study: Study, language: Language) -> Sheet:
    found, say = study.ask(what_each_will_order), language.say
    month = say("expected within the month to come")
    orders = _interval(Field(say("orders"), "figure", month), language, 80)
    volume = Field(say("sales"), "money", month)
    if found.volume != "sales":
        volume = Field(say("quantity"), "whole", say("expected within the month to come, in the unit of the orders"))
    surprise = Field(say("surprise"), "text", say("where so far off is rare"))
    last = say("as it would have been said then")
    fields = {
        "client_id": _client(language),
        "last_order": Field(say("last order"), "day", say("day of it")),
        "due_early": Field(say("due early"), "day", say("one in ten clients so silent have ordered by then")),
        "due": Field(say("due"), "day", say("five in ten clients so silent have ordered by then")),
        "due_late": Field(say("due late"), "day", say("nine in ten clients so silent have ordered by then")),
        **dict(zip(("orders", "orders_low", "orders_high"), orders, strict=True)),
        **dict(zip(("volume", "volume_low", "volume_high"), _interval(volume, language, 80), strict=True)),
        "last_expected": Field(say("last month, orders expected"), "figure", last),
        "last_came": Field(say("last month, orders came"), "whole", say("counted")),
        "surprise": surprise,
        "silent": Field(
            say("may have left"), "text", say("by its silence; a date when its next order is due means little")
        ),
        "note": Field(say("note"), "text", say("whether it also stands under Win-back, and why")),
    }
    frame = _labelled(found.clients, study.label)
    frame["surprise"] = frame["surprise"].map(say)
    frame["silent"] = frame["silent"].map({True: say("silent past the limit"), False: ""})
    frame["note"] = _noted(study, found.clients["client_id"], language)
    says = say(
        "What each client is expected to order from {first} until {last}.",
        first=language.day(found.as_of),
        last=language.day(found.ends),
    )
    return _sheet(say("Call sheet"), says, say("Of nobody an order is expected."), frame, fields)


def _deal(study: Study, language: Language) -> Sheet:
    found, say = study.ask(what_is_an_offer_worth), language.say
    frame = deal_sheet(found)
    terms = {"payment terms": found.terms_in(language)}  # the one source that holds figures
    frame["source"] = [
        terms[item] if item in terms else say(source)
        for item, source in zip(frame["item"], frame["source"], strict=True)
    ]
    frame["item"] = frame["item"].map(say)
    fields = {
        "item": Field(say("item"), "text", say("what is paid, by 100 of our price")),
        "ours": Field(language.say_of("bought from us", "ours"), "figure", say("bought from us")),
        "theirs": Field(say("the other"), "figure", say("bought from the other")),
        "low": Field(say("the other, low"), "figure", say("low end of the range")),
        "high": Field(say("the other, high"), "figure", say("high end of the range")),
        "total_low": Field(
            say("total at low"), "figure", say("the other's total with this item low, all others in the middle")
        ),
        "total_high": Field(say("total at high"), "figure", say("the other's total with this item high")),
        "source": Field(say("where to learn it"), "text", say("put the client's own figures in the place of these")),
    }
    says = say("An offer beside our price, for the client to fill in. {depth}", depth=found.depth_in(language))
    return _sheet(say("Deal sheet"), says, "", frame, fields)


def _surveys(study: Study, language: Language) -> Sheet:
    say = language.say
    fields = {
        "client_id": _client(language),
        "last_asked": Field(say("last asked"), "day", say("day of the last invitation")),
        "last_answered": Field(say("last answered"), "day", say("day of the last answer")),
        "why": Field(say("why"), "text", say("why it is worth asking")),
    }
    says = say(
        "Clients whose opinion is not known or older than a year, none of them asked within {days} days.",
        days=REST.days,
    )
    frame = _labelled(surveys_to_send(study), study.label)
    frame["why"] = frame["why"].map(say)
    if len(frame):
        fields = {name: field for name, field in fields.items() if frame[name].notna().any()}
    empty = say("Everybody answered within a year, or was asked lately.")
    return _sheet(say("Surveys to send"), says, empty, frame, fields)


def _said(study: Study, language: Language) -> Sheet:
    say = language.say
    fields = {
        "field": Field(say("field"), "text", say("strength, weakness, neither, opportunity or threat")),
        "what": Field(say("what"), "text", say("factor, noted reason, or competitor")),
        "clients": Field(say("clients"), "whole", say("clients who said it")),
        "told": Field(say("said"), "text", say("in words, with a 95 % interval where it is an estimate")),
    }
    says = say(
        "What clients said of us and of competitors: answers of a year and noted losses, not findings of a model."
    )
    empty = say("No scores of a year, no losses with a reason or a competitor.")
    return _sheet(say("SWOT"), says, empty, strengths_and_threats(study, language), fields)


def _promoters(study: Study, language: Language) -> Sheet:
    say = language.say
    fields = {
        "client_id": _client(language),
        "answered": Field(say("answered"), "day", say("day of its last answer")),
        "recommend": Field(say("recommend"), "figure", say("that answer, 0 to 10")),
    }
    says = say(
        "Present clients who would recommend us and are not noted to have brought anybody: ask for an introduction."
    )
    empty = say("Nobody, or answers or referrals are not noted.")
    return _sheet(say("Promoters to ask"), says, empty, _labelled(promoters_to_ask(study), study.label), fields)


def _found(study: Study, language: Language) -> Sheet:
    frame, say = findings_frame(study.tables), language.say
    for name in ("rule", "severity", "action"):
        frame[name] = frame[name].map(say, na_action="ignore")
    fields = {
        "file": Field(say("file"), "text", say("file of the data")),
        "sheet": Field(say("sheet"), "text", say("sheet of it")),
        "row": Field(say("row"), "whole", say("row as a spreadsheet numbers it")),
        "column": Field(say("column"), "text", say("its column")),
        "value": Field(language.say_of("in a cell", "value"), "text", say("what stood there")),
        "rule": Field(say("rule"), "text", say("rule that met it")),
        "severity": Field(say("severity"), "text", say("error, warning or info")),
        "action": Field(say("action"), "text", say("what was done with the row")),
    }
    says, empty = say("What the checks found in the data."), say("The checks found nothing.")
    return _sheet(say("Findings"), says, empty, frame, fields)


def _dictionary(sheets: tuple[Sheet, ...], language: Language) -> Sheet:
    say = language.say
    rows: list[tuple[str, str, str, str]] = []
    for sheet in sheets:
        rows += [(sheet.name, field.title, say(field.kind), field.says) for field in sheet.fields]
    rows += [
        (say("table {name}", name=table.name), column.name, say(column.kind), say(column.meaning))
        for table in CONTRACT.values()
        for column in table.columns
    ]
    frame = pd.DataFrame(rows, columns=["where", "column", "kind", "says"])
    fields = {
        "where": Field(say("sheet or table"), "text", say("where the column stands")),
        "column": Field(say("column"), "text", say("its name")),
        "kind": Field(say("kind"), "text", say("how it is written")),
        "says": Field(say("holds"), "text", say("what it holds")),
    }
    says = say("What every column holds, of these sheets and of the data.")
    return _sheet(say("Data dictionary"), says, "", frame, fields)
