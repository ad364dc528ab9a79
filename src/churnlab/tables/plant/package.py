"""The plant's files: CSV tables, their description as a Frictionless data package, and a README."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from churnlab.tables.contract import CONTRACT
from churnlab.tables.plant.facts import facts
from churnlab.tables.plant.make import Plant
from churnlab.tables.plant.readme import MAPPING, readme
from churnlab.tables.plant.truth import FOLDER

_NAME = "churnlab-sample-plant"
_DESCRIPTION = "datapackage.json"
_AT_ONCE = 1_000_000  # rows
_FACTS_FROM, _FACTS_UP_TO = 150, 300  # clients; the ranges of the facts are meant for about 200
_TYPES = {"id": "string", "text": "string", "choice": "string", "date": "date", "flag": "boolean"}  # else number
_UNITS = {
    "amount": "EUR, net of tax and discount",
    "list_amount": "EUR",
    "cost": "EUR",
    "quantity": "cubic metre",
    "acquisition_discount": "share of the list price",
    "payment_days": "day",
    "potential_amount": "EUR a year",
    "severity": "multiple of a usual failure",
    "depth": "share of the price",
    "monthly_cost": "EUR a month",
    "hours_per_month": "hour a month",
    "rate": "EUR for one unit of the currency",
    "frailty": "factor on a rate",
    "bias": "point",
    "clients": "client",
    "seed": "none",
    **dict.fromkeys(("recommend", "quality", "timing", "attention", "price", "satisfaction"), "point, 0 to 10"),
    **dict.fromkeys(("hazard_service", "hazard_price", "hazard"), "chance in the month"),
}
_KEYS = {
    "orders": ["order_id", "product_line"],
    "clients": ["client_id"],
    "surveys": ["client_id", "wave", "survey_date"],
    "losses": ["client_id", "date"],
    "managers": ["manager_id"],
    "merges": ["old_id"],
    "rates": ["currency", "date"],
    "changes": ["what"],
    "truth-clients": ["client_id"],
    "truth-departures": ["client_id", "left_on"],
    "truth-lines": ["client_id", "product_line", "begins_on"],
    "truth-satisfaction": ["client_id", "month"],
}
_REFERENCES = {
    **dict.fromkeys(("client_id", "parent_id", "referred_by", "old_id", "new_id"), ("clients", "client_id")),
    **dict.fromkeys(("manager_id", "asked_by"), ("managers", "manager_id")),
}
_TABLES = {
    "orders": "One row a product line of an order; one a line that was sent back.",
    "clients": "One row a client with an order in the records, and the old number of the one that changed.",
    "surveys": "One row an invitation; scores are empty if not asked for or not answered.",
    "touches": "One row a call, visit, greeting or conference.",
    "failures": "One row a failure of the plant.",
    "offers_seen": "One row a competitor's offer that the plant heard of.",
    "losses": "One row a loss that was noted, with the reason as it was coded.",
    "contacts": "One row a person at a client; names are of made-up syllables.",
    "managers": "One row an account manager.",
    "merges": "One row a change of a client's number.",
    "rates": "One row a month.",
    "changes": "One row a thing that the plant mended or brought in.",
    "truth-plant": "Truth: one row, with what the plant was drawn with.",
    "truth-clients": "Truth: one row a client.",
    "truth-departures": "Truth: one row a leaving within the records.",
    "truth-lines": "Truth: one row a client's need of a product line.",
    "truth-satisfaction": "Truth: one row a client and month that it begins with the plant.",
}
_TRUE_COLUMNS = {
    "law": ("text", "by which the plant was drawn"),
    "clients": ("number", "about how many are there at the end"),
    "seed": ("number", "with which it was drawn"),
    "client_id": ("id", "the client's present number"),
    "frailty": ("number", "factor on the rates of leaving over service and of taking offers"),
    "bias": ("number", "added to every score that the client gives"),
    "left_on": ("date", "day of leaving; in truth-clients of the leaving that lasted, empty for who is still there"),
    "reason": ("text", "true reason of leaving: service, price, personal, closed (the firm ended) or need"),
    "returned_on": ("date", "day of coming back, empty if for good"),
    "product_line": ("text", "the line"),
    "begins_on": ("date", "first day of the need"),
    "ends_on": ("date", "day on which the need or the client's time with the plant ended, empty if neither"),
    "month": ("text", "month, as YYYY-MM"),
    "quality": ("number", "latent score"),
    "timing": ("number", "latent score"),
    "attention": ("number", "latent score"),
    "satisfaction": ("number", "0.40 quality + 0.35 timing + 0.25 attention"),
    "hazard_service": ("number", "chance of leaving over service in this month"),
    "hazard_price": ("number", "chance of leaving to an offer in this month"),
    "hazard": ("number", "chance of leaving for any reason in this month"),
}


def write_plant(plant: Plant, folder: Path | str, *, progress: Callable[[str, int, int], None] | None = None) -> None:
    r"""Write a plant as CSV files with a mapping, the truth, a description and a README.

    Parameters
    ----------
    plant : Plant
        From :func:`churnlab.tables.plant.make_plant`.
    folder : path
        Made if it is not there; files of the same names are replaced. Text is UTF-8 with "\n" line ends.
    progress : callable, optional
        Told the file, how many are written before it, and how many there are.
    """
    folder = Path(folder)
    _write_frames(_frames(plant), folder, progress=progress)
    texts = {
        "mapping.toml": MAPPING,
        _DESCRIPTION: json.dumps(descriptor(plant), indent=1, ensure_ascii=False) + "\n",
        "README.md": readme(plant, facts(plant) if _FACTS_FROM <= plant.clients <= _FACTS_UP_TO else ()),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


def write_tables(plant: Plant, folder: Path | str) -> None:
    """Write what a plant would hand over, and nothing beside: its tables and the mapping.

    Parameters
    ----------
    plant : Plant
        From :func:`churnlab.tables.plant.make_plant`.
    folder : path
        Made if it is not there; files of the same names are replaced.
    """
    _write_frames(plant.tables, Path(folder), progress=None)
    (Path(folder) / "mapping.toml").write_bytes(MAPPING.encode())


def is_replaceable(folder: Path | str) -> bool:
    """Tell whether a folder may be written over: it is not there, empty, or holds an earlier sample plant alone.

    Parameters
    ----------
    folder : path
        To be written.

    Returns
    -------
    bool
    """
    folder = Path(folder)
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    try:
        described = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        listed = {str(resource["path"]) for resource in described["resources"]} if described["name"] == _NAME else set()
    except (OSError, ValueError, TypeError, KeyError):
        return not any(folder.iterdir())
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}
    return there <= listed | {_DESCRIPTION, "mapping.toml", "README.md"}


def descriptor(plant: Plant) -> dict[str, Any]:
    """Describe a plant's files as a Frictionless data package.

    Parameters
    ----------
    plant : Plant
        As made.

    Returns
    -------
    dict
        What ``datapackage.json`` holds: tables with descriptions, types, units, keys and references; licence.
    """
    return {
        "profile": "tabular-data-package",
        "name": _NAME,
        "title": "A made-up wood-panel plant and its clients",
        "description": f"Synthetic: no firm, order or answer is real. Law {plant.law!r}, seed {plant.seed}.",
        "licenses": [
            {
                "name": "CC0-1.0",
                "title": "Creative Commons Zero 1.0",
                "path": "https://creativecommons.org/publicdomain/zero/1.0/",
            }
        ],
        "resources": [_resource(name, list(frame.columns)) for name, frame in _frames(plant).items()],
    }


def _frames(plant: Plant) -> dict[str, pd.DataFrame]:
    """Give every table by the name of its resource."""
    return {**plant.tables, **{f"{FOLDER}-{name}": frame for name, frame in plant.truth.items()}}


def _write_frames(
    frames: Mapping[str, pd.DataFrame], folder: Path, *, progress: Callable[[str, int, int], None] | None
) -> None:
    """Write tables, each into its file."""
    for done, (name, frame) in enumerate(frames.items()):
        path = folder / _path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if progress:
            progress(_path(name), done, len(frames))
        _write_table(frame, path)


def _path(name: str) -> str:
    """Give the file of a resource."""
    return name.replace(f"{FOLDER}-", f"{FOLDER}/") + ".csv"


def _resource(name: str, columns: list[str]) -> dict[str, Any]:
    """Describe one file."""
    kinds = _TRUE_COLUMNS if name.startswith(FOLDER) else _contract_columns(name)
    schema: dict[str, Any] = {"fields": [_field(column, *kinds[column]) for column in columns], "missingValues": [""]}
    key = _KEYS.get(name)
    if key:
        schema["primaryKey"] = key
    schema["foreignKeys"] = [
        {"fields": [column], "reference": {"resource": "" if table == name else table, "fields": [there]}}
        for column, (table, there) in _REFERENCES.items()
        if column in columns and (name, column) != (table, there)
    ]
    return {
        "name": name,
        "path": _path(name),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": _TABLES[name],
        "schema": schema,
    }


def _contract_columns(name: str) -> Mapping[str, tuple[str, str]]:
    """Give kind and meaning of a table's columns, as the data contract has them."""
    return {column.name: (column.kind, column.meaning) for column in CONTRACT[name].columns}


def _field(name: str, kind: str, meaning: str) -> dict[str, str]:
    """Describe one column."""
    described = {"name": name, "type": _TYPES.get(kind, "number"), "description": meaning}
    return described | ({"unit": _UNITS[name]} if name in _UNITS else {})


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table in pieces; text holds neither commas nor quotes."""
    options = csv.WriteOptions(quoting_style="none", quoting_header="none")
    schema = _plain(frame.iloc[:1]).schema
    with csv.CSVWriter(path, schema, write_options=options) as writer:
        for start in range(0, len(frame), _AT_ONCE):
            writer.write_table(_plain(frame.iloc[start : start + _AT_ONCE]).cast(schema))


def _plain(frame: pd.DataFrame) -> pa.Table:
    """Turn dates into days and labels into text."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = []
    for column in table.schema:
        kind = column.type
        if pa.types.is_timestamp(kind):
            kind = pa.date32()
        elif pa.types.is_dictionary(kind) or pa.types.is_null(kind) or pa.types.is_large_string(kind):
            kind = pa.string()
        fields.append(pa.field(column.name, kind))
    return table.cast(pa.schema(fields))
