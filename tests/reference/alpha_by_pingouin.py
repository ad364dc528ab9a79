"""Print Cronbach's alpha of the tables in tests/surveys/test_reliability.py as pingouin 0.7 computes it.

Needs pingouin, which is not among the dependencies:
``python -m venv pg && pg/bin/pip install pingouin==0.7.0 && pg/bin/python tests/reference/alpha_by_pingouin.py``.
The ten items are pingouin's own data set "cronbach_alpha".
"""

ANSWERS = [
    [9, 8, 9, 6],
    [7, 7, 6, 5],
    [8, 9, 7, 8],
    [5, 6, 5, 3],
    [10, 9, 9, 9],
    [6, 8, 7, 4],
    [7, 6, 8, 7],
    [4, 5, 6, 2],
]


def main() -> None:
    """Print both."""
    import pandas as pd  # noqa: PLC0415 -- in the environment of the script, not of the tests
    import pingouin as pg  # noqa: PLC0415

    items = pg.read_dataset("cronbach_alpha")
    print(pg.cronbach_alpha(data=items, items="Items", scores="Scores", subject="Subj"))
    print(pg.cronbach_alpha(data=pd.DataFrame(ANSWERS)))


if __name__ == "__main__":
    main()
