"""What counts as a purchase."""

import pandas as pd
import pytest

from churnlab.history import purchases


def lines(*rows):
    columns = ["client_id", "order_id", "order_date", "kind", "product_line"]
    frame = pd.DataFrame([(*row, "sale", "board")[:5] if len(row) == 3 else row for row in rows], columns=columns)
    return frame.assign(order_date=pd.to_datetime(frame["order_date"]), amount=10.0)


def counted(bought):
    return [(row.client_id, f"{row.date:%d}", row.purchases) for row in bought.itertuples()]


def test_reference_lines_of_an_order_are_one_purchase_and_orders_of_a_day_are_two():
    orders = lines(
        ("a", "1", "2024-03-05"), ("a", "1", "2024-03-05"), ("a", "2", "2024-03-05"), ("b", "1", "2024-03-06")
    )
    assert counted(purchases(orders)) == [("a", "05", 2), ("b", "06", 1)]


def test_reference_an_order_split_over_days_is_a_purchase_of_its_first_day():
    orders = lines(("a", "1", "2024-03-09"), ("a", "1", "2024-03-05"))
    assert counted(purchases(orders)) == [("a", "05", 1)]


@pytest.mark.parametrize("numbers", ["absent", "all missing"])
def test_reference_without_order_numbers_a_client_day_is_one_purchase(numbers):
    orders = lines(("a", None, "2024-03-05"), ("a", None, "2024-03-05"), ("a", None, "2024-03-07"))
    if numbers == "absent":
        orders = orders.drop(columns="order_id")
    assert counted(purchases(orders)) == [("a", "05", 1), ("a", "07", 1)]


def test_reference_rows_without_a_number_count_by_day_beside_numbered_ones():
    orders = lines(("a", "1", "2024-03-05"), ("a", None, "2024-03-05"), ("a", None, "2024-03-05"))
    assert counted(purchases(orders)) == [("a", "05", 2)]


def test_reduction_returns_and_credits_are_never_purchases():
    sales = lines(("a", "1", "2024-03-05"))
    others = lines(
        ("a", "2", "2024-03-06", "return", "board"),
        ("a", None, "2024-03-07", "credit", "board"),
        ("b", "3", "2024-03-05", "return", "board"),
    )
    pd.testing.assert_frame_equal(purchases(pd.concat([sales, others])), purchases(sales))
    assert purchases(others).empty


def test_reference_an_order_over_two_lines_is_a_purchase_in_each():
    orders = lines(("a", "1", "2024-03-05", "sale", "board"), ("a", "1", "2024-03-05", "sale", "house"))
    assert purchases(orders)["purchases"].sum() == 1
    by_line = purchases(orders, by=("client_id", "product_line"))
    assert by_line["product_line"].tolist() == ["board", "house"]
    assert by_line["purchases"].tolist() == [1, 1]
