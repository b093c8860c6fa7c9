"""The staff admin's menu, in the order in which questions come in."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from marketing_platform.operations.staff_pages import tables_open_to

# Pages that are no list, by the list that is needed to open them.
PAGES = {
    "index": "",
    "billing_figures": "billing_subscription",
    "billing_settlements": "billing_payout",
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups for the sidebar; an entry that this person may not open is left out."""
    groups = [
        (
            _("Clients"),
            [
                (_("Overview"), "home", "index"),
                (_("All clients"), "storefront", "tenants_tenant_changelist"),
                (_("Local businesses"), "local_mall", "local_business_localbusiness_changelist"),
                (_("Companies"), "apartment", "enterprise_clients_enterpriseclient_changelist"),
                (_("People"), "group", "users_user_changelist"),
                (_("Groups of staff"), "badge", "auth_group_changelist"),
                (_("Waiting for a call"), "call", "support_helprequest_changelist"),
                (_("Lost numbers"), "sim_card_alert", "people_lostnumber_changelist"),
                (_("Errors by code"), "bug_report", "support_errorreport_changelist"),
                (_("Help topics"), "quiz", "support_topicanswer_changelist"),
            ],
        ),
        (
            _("Money"),
            [
                (_("Figures"), "monitoring", "billing_figures"),
                (_("Settlements"), "account_balance", "billing_settlements"),
                (_("Subscriptions"), "autorenew", "billing_subscription_changelist"),
                (_("Invoices"), "receipt_long", "billing_taxdocument_changelist"),
                (_("Payments"), "payments", "billing_payment_changelist"),
                (_("Refunds"), "undo", "billing_refund_changelist"),
                (_("Transfers"), "account_balance", "billing_incomingtransfer_changelist"),
                (_("Payouts"), "savings", "billing_payout_changelist"),
                (_("Payers"), "contacts", "billing_billingaccount_changelist"),
                (_("TDS certificates"), "verified", "billing_tdscertificate_changelist"),
                (_("Quotes"), "request_quote", "billing_quote_changelist"),
                (_("Staff terms"), "handshake", "billing_staffterms_changelist"),
                (_("Plans"), "sell", "billing_plan_changelist"),
                (_("Agreed prices"), "price_change", "billing_customprice_changelist"),
                (_("Coupons"), "percent", "billing_coupon_changelist"),
                (_("Supplier and returns"), "description", "billing_supplier_changelist"),
                (_("Vendor files"), "folder_open", "billing_vendorfile_changelist"),
                (_("Checkouts"), "shopping_cart", "billing_checkout_changelist"),
                (_("Books"), "menu_book", "billing_journalentry_changelist"),
            ],
        ),
        (
            _("Machine room"),
            [
                (_("Webhook events"), "inbox", "inbox_inboundevent_changelist"),
                (_("Due work"), "schedule", "platform_schedule_duework_changelist"),
                (
                    _("Emergency stop"),
                    "front_hand",
                    "platform_effects_control_globalstop_changelist",
                ),
                (_("What staff did"), "history", "admin_logentry_changelist"),
                (_("Refused tasks"), "unsubscribe", "platform_schedule_deadletter_changelist"),
            ],
        ),
    ]
    tables = tables_open_to(request)
    shown = [{"title": title, "items": _items(entries, tables)} for title, entries in groups]
    return [group for group in shown if group["items"]]


def _items(entries: list[tuple[str, str, str]], tables: set[str]) -> list[dict[str, str]]:
    items = []
    for title, icon, name in entries:
        table = PAGES.get(name, name.removesuffix("_changelist"))
        if table and table not in tables:
            continue
        try:
            items.append({"title": title, "icon": icon, "link": reverse(f"admin:{name}")})
        except NoReverseMatch:
            continue
    return items
