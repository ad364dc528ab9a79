"""Print the value of twelve months of CDNOW's clients, and the parameters behind it, as lifetimes computes them.

Needs lifetimes, which is not among the dependencies:
``python -m venv lt && lt/bin/pip install lifetimes==0.11.3 "pandas<3" "setuptools<81" &&
lt/bin/python -W ignore tests/reference/purchase_by_lifetimes.py``.
"""


def main() -> None:
    """Print them."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter  # noqa: PLC0415 -- in the environment of the script
    from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value  # noqa: PLC0415

    seen = load_cdnow_summary_data_with_monetary_value()
    orders = BetaGeoFitter().fit(seen["frequency"], seen["recency"], seen["T"])
    bought = seen[seen["frequency"] > 0]
    spend = GammaGammaFitter().fit(bought["frequency"], bought["monetary_value"])
    columns = (seen["frequency"], seen["recency"], seen["T"], seen["monetary_value"])
    value = spend.customer_lifetime_value(orders, *columns, time=12, discount_rate=0.01, freq="W")
    print(orders.params_.to_dict(), spend.params_.to_dict(), value.sum())


if __name__ == "__main__":
    main()
