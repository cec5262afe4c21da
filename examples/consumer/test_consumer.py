"""A test of the consumer: whatever becomes of an order, it prints it."""

import consumer
import pytest

from mockws.testing import Mock

pytestmark = pytest.mark.mockws(document="specification/order-api.yaml", assert_all_called=True, assert_all_valid=True)


def test_an_accepted_order_is_printed(
    mockws: Mock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mockws.expect_message("OrderRequest").send("Order", to={"channel": "OrderInitiated"}, with_={"status": "ACCEPTED"})
    monkeypatch.setenv("ORDERS_URL", mockws.url)
    consumer.main()

    assert capsys.readouterr().out == "order 10 is ACCEPTED, 2000 in all\n"
    mockws.assert_received("OrderRequest", json={"id": 10}, count=1)
