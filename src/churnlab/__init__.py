"""Keep regular clients: who may leave, how long they stay, what keeps them, and how sure that is.

Read in this order; each package opens with its own reading order.

``churnlab.tables``
    A dataset: its contract, reading, checks; the sample plant.
``churnlab.history``
    When clients left, and what was known of them on a day.
``churnlab.lifetime``
    The monthly hazard of leaving, counted (``survival``) and regressed (``hazard``).
``churnlab.surveys``
    The net promoter index, and which factors go with it.
``churnlab.risk``
    Churn within a horizon, graded on rolling origins.
``churnlab.value``
    What a client is worth.
``churnlab.scenarios``
    Price or service: policies on common random numbers.
``churnlab.accounts``, ``churnlab.winback``, ``churnlab.demand``
    On whom we depend, who may come back, what will be ordered and whom to call.
``churnlab.answers``
    One function a question, and the study that asks each once.
``churnlab.plots``, ``churnlab.reports``, ``churnlab.cli``
    What people see.

A picture of these floors is in ``docs/architecture.md``.
"""

__version__ = "0.1.0"
