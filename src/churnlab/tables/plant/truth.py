"""The truth behind a plant's tables: what no plant can know of itself."""

from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.tables.plant.clock import (
    END,
    END_DAY,
    FIRST,
    NEVER,
    RECORDS,
    RECORDS_DAY,
    Bools,
    Ints,
    dates,
    month_names,
    month_of,
)
from churnlab.tables.plant.course import Course, Lives
from churnlab.tables.plant.month import REASONS
from churnlab.tables.plant.names import labelled
from churnlab.tables.plant.traits import LINES, Traits

FOLDER = "truth"
"""Name of the folder, in a plant's folder, that holds the truth."""
_DATES = ["left_on", "returned_on", "begins_on", "ends_on"]


def read_truth(folder: Path | str) -> dict[str, pd.DataFrame] | None:
    """Read the truth of a plant that was written to a folder.

    Parameters
    ----------
    folder : path
        Of the plant's tables.

    Returns
    -------
    dict of DataFrame, or None
        The tables of :attr:`churnlab.tables.plant.Plant.truth`, ids and reasons as text; None if the folder
        holds no truth, which is so for any real data.
    """
    files = sorted((Path(folder) / FOLDER).glob("*.csv"))
    if not files:
        return None
    text = {"client_id": str, "reason": str, "month": str, "product_line": str, "law": str}
    frames = {}
    for file in files:
        frame = pd.read_csv(file, dtype=text, keep_default_na=False)
        for name in frame.columns.intersection(_DATES):
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d")
        frames[file.stem] = frame
    return frames


def truth_tables(traits: Traits, course: Course, known: Ints) -> dict[str, pd.DataFrame]:
    """Lay out the truth about the clients in the tables.

    Parameters
    ----------
    traits, course
        Of the plant.
    known : ndarray of int
        Positions of the clients in the tables.

    Returns
    -------
    dict of DataFrame
        clients, departures, lines and satisfaction; see :class:`churnlab.tables.plant.Plant`.
    """
    lives = course.lives
    return {
        "clients": _clients(traits, lives, known),
        "departures": _departures(traits, lives),
        "lines": true_lines(traits, course),
        "satisfaction": _satisfaction(traits, course),
    }


def true_lines(traits: Traits, course: Course) -> pd.DataFrame:
    """Lay out the times for which clients had a need of a line, those that reach into the records.

    Parameters
    ----------
    traits, course
        Of the plant.

    Returns
    -------
    pandas.DataFrame
        client_id, product_line, begins_on, ends_on (empty if it lasts at the end of what was run).
    """
    months = course.lines.shape[0]
    padded = np.zeros((months + 2, *course.lines.shape[1:]), dtype=np.int8)
    padded[1:-1] = course.lines
    change = np.diff(padded, axis=0).transpose(1, 2, 0)
    client, line, begins = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[2]  # the month after the last one
    lives = course.lives
    life = lives.at(client, FIRST[np.minimum(begins + 1, months)] - 1)
    begin_day = np.maximum(FIRST[begins], np.where(life >= 0, lives.begin[life], 0))
    end_day = np.minimum(FIRST[ends], np.where(life >= 0, lives.end[life], NEVER))
    keep = np.flatnonzero((end_day > RECORDS_DAY) & (begin_day < END_DAY))
    return pd.DataFrame(
        {
            "client_id": traits.labels(client[keep]),
            "product_line": LINES[line[keep]],
            "begins_on": dates(begin_day[keep]),
            "ends_on": dates(end_day[keep], before=int(FIRST[months])),
        }
    )


def _clients(traits: Traits, lives: Lives, known: Ints) -> pd.DataFrame:
    last = np.searchsorted(lives.client, known, side="right") - 1
    return pd.DataFrame(
        {
            "client_id": traits.labels(known),
            "frailty": traits.frailty[known].round(4),
            "bias": traits.bias[known].round(3),
            "left_on": dates(lives.end[last]),
            "reason": np.where(lives.end[last] < END_DAY, REASONS[lives.reason[last]], ""),
        }
    )


def _departures(traits: Traits, lives: Lives) -> pd.DataFrame:
    row = np.flatnonzero((lives.end >= RECORDS_DAY) & (lives.end < END_DAY))
    row = row[np.lexsort((lives.client[row], lives.end[row]))]
    after = np.minimum(row + 1, lives.client.size - 1)
    back = np.where((lives.client[after] == lives.client[row]) & (after > row), lives.begin[after], NEVER)
    return pd.DataFrame(
        {
            "client_id": traits.labels(lives.client[row]),
            "left_on": dates(lives.end[row]),
            "reason": REASONS[lives.reason[row]],
            "returned_on": dates(back),
        }
    )


def _satisfaction(traits: Traits, course: Course) -> pd.DataFrame:
    client, k = np.nonzero(_here(course.lives, traits.start.size).T)
    score = course.score[k, client].round(2)
    columns = {
        "client_id": traits.labels(client),
        "month": labelled(k, month_names(np.arange(RECORDS, END)).tolist()),
        "quality": score[:, 0],
        "timing": score[:, 1],
        "attention": score[:, 2],
        "satisfaction": course.satisfaction[k, client].round(3),
    }
    chances = {"service": "hazard_service", "price": "hazard_price", "any": "hazard"}
    return pd.DataFrame(columns | {to: course.hazards[name][k, client].round(6) for name, to in chances.items()})


def _here(lives: Lives, n: int) -> Bools:
    """Mark who is with the plant when each month of the records begins, (months, n)."""
    steps = np.zeros((END - RECORDS + 1, n), dtype=np.int8)
    begin = np.clip(month_of(lives.begin) + 1 - RECORDS, 0, END - RECORDS)
    end = np.clip(month_of(np.minimum(lives.end, END_DAY)) + 1 - RECORDS, 0, END - RECORDS)
    np.add.at(steps, (begin, lives.client), 1)
    np.add.at(steps, (end, lives.client), -1)
    return np.cumsum(steps, axis=0)[:-1] > 0
