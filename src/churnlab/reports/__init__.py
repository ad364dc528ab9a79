"""What people open: pages, workbook, run record.

Read in this order: `notebooks` finds the notebooks and sets their parameters, `execution` runs them,
`fragments` and `drawings` clean what they put out, `render` makes a page of it, `folder` swaps a finished
folder in, `kept` reads the forecasts that earlier runs left there, `suite` does all of that for a dataset.
`workbook` writes what is to be done and the findings of a check, `store_outputs` re-executes the notebooks in place,
`own_notebooks` copies them for one's own data, `sliders` are live where a notebook runs and nowhere else.
"""
