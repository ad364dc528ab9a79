"""A part of a large dataset: all rows of some clients, evenly chosen."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from churnlab.tables.dataset import Tables


def part(tables: Tables, *, most: int) -> Tables:
    """All rows of at most so many clients, every so-manieth in the order of their ids.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    most : int
        Clients with orders to keep, at most.

    Returns
    -------
    Tables
        The same where there are no more; tables without clients, findings and sums are those of the whole.

    Raises
    ------
    ValueError
        If not one client is to be kept.
    """
    if most < 1:
        message = f"expected at least one client to keep, got {most}"
        raise ValueError(message)
    clients = np.sort(tables.orders["client_id"].unique())
    every = -(-len(clients) // most)
    if every <= 1:
        return tables
    chosen = clients[::every]
    frames = {field.name: getattr(tables, field.name) for field in fields(tables)}
    kept: dict[str, Any] = {
        name: frame[frame["client_id"].isin(chosen)].reset_index(drop=True)
        for name, frame in frames.items()
        if isinstance(frame, pd.DataFrame) and "client_id" in frame
    }
    return replace(tables, **kept)
