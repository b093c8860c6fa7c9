"""The checker of Stripe's shapes finds what is wrong, and takes what is right."""

import pytest
import stripe

from tests.billing.stripe_shapes import params_type, wrong_shape

V1 = stripe.StripeClient("sk_test_of_nobody").v1
PAGE = {"mode": "subscription", "line_items": [{"price": "price_1", "quantity": 1}]}
PRICE = {"currency": "inr", "product": "plan_local", "unit_amount": 117_882}


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (V1.checkout.sessions.create, (PAGE,)),
        (V1.checkout.sessions.create, ({**PAGE, "allowed_payment_method_types": ["upi"]},)),
        (V1.prices.create, ({**PRICE, "recurring": {"interval": "month"}},)),
        (V1.subscriptions.update, ("sub_1", {"pause_collection": ""})),
        (V1.subscriptions.update, ("sub_1", {"pause_collection": {"behavior": "void"}})),
        (V1.subscriptions.update, ("sub_1", {"metadata": {"a": "b"}})),
        (V1.refunds.create, ({"payment_intent": "pi_1", "amount": 5},)),
        (V1.events.list, ({"created": {"gte": 5}, "types": ["invoice.paid"]},)),
        (V1.customers.tax_ids.create, ("cus_1", {"type": "in_gst", "value": "x"})),
        (V1.invoices.create_preview, ({"subscription": "sub_1"}, {"idempotency_key": "k"})),
        (V1.subscriptions.retrieve, ("sub_1",)),
    ],
)
def test_right_shapes_pass(call, arguments):
    assert wrong_shape(call, arguments) == []


@pytest.mark.parametrize(
    ("call", "arguments", "fault"),
    [
        # Removed in this version of the API; most examples in the world still have it.
        (V1.checkout.sessions.create, ({**PAGE, "payment_method_types": ["card"]},), "unknown"),
        (V1.checkout.sessions.create, ({**PAGE, "mode": "subscribe"},), "not one of"),
        (V1.checkout.sessions.create, ({**PAGE, "ui_mode": "hosted"},), "not one of"),
        (V1.checkout.sessions.create, ({**PAGE, "line_items": {"price": "p"}},), "not a list"),
        (V1.checkout.sessions.create, ({**PAGE, "expires_at": "later"},), "str for int"),
        (
            V1.checkout.sessions.create,
            ({**PAGE, "subscription_data": {"billing_mode": {}}},),
            "billing_mode.type: missing",
        ),
        (V1.prices.create, ({**PRICE, "recurring": {"interval": "months"}},), "not one of"),
        (V1.prices.create, ({**PRICE, "unit_amount": True},), "bool for int"),
        (V1.prices.create, ({"unit_amount": 5},), "currency: missing"),
        (V1.subscriptions.update, ("sub_1", {"pause_collection": {"behavior": "x"}}), "one of"),
        (V1.subscriptions.update, ("sub_1", {"billing_cycle_anchor": "now"}), "not an object"),
        (V1.subscriptions.update, ("sub_1", {"metadata": {"a": 1}}), "text by name"),
        (V1.subscriptions.update, ("sub_1", {"items": [{"prices": "p"}]}), "items[0].prices"),
        (V1.refunds.create, ({"reason": "changed_mind"},), "not one of"),
        (V1.customers.tax_ids.create, ("cus_1", {"type": "gst", "value": "x"}), "not one of"),
        (V1.refunds.create, ({"amount": 5}, {"idempotence_key": "k"}), "options.idempotence_key"),
        (V1.subscriptions.retrieve, ("sub_1", {"fields": ["items"]}), "fields: unknown"),
    ],
)
def test_wrong_shapes_are_noticed(call, arguments, fault):
    found = wrong_shape(call, arguments)

    assert any(fault in one for one in found), found


def test_the_shape_is_that_of_the_called_method():
    assert params_type(V1.checkout.sessions.create).__name__ == "SessionCreateParams"
    assert params_type(V1.billing_portal.sessions.create).__module__.startswith(
        "stripe.params.billing_portal"
    )
