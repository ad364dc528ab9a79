"""Clients who have asked not to be contacted: nobody calls them, asks them back or asks them for an introduction."""

from typing import Final

import pandas as pd

from churnlab.answers.study import Study

NO_CONTACT: Final = ("no: asked us not to", "they have asked not to be contacted: whoever calls breaks a promise")
"""Whether to ask back, and with what, whatever reason was coded."""


def not_to_be_contacted(study: Study) -> "pd.Series[str]":
    """Clients whom the clients table marks so; nobody where it does not say.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Series of str
        Their ids, as the study shows them.
    """
    clients = study.tables.clients
    if clients is None or "do_not_contact" not in clients:
        return pd.Series([], dtype="str")
    return clients.loc[clients["do_not_contact"].fillna(value=False).astype(bool), "client_id"]
