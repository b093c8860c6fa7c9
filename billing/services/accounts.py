"""Payers: made on first need, corrected by their owners, joined and put on terms by staff.

One payer may stand behind several workspaces. What an owner changes holds for all of them; which
GSTIN, purchase order and cost centre count is said for each workspace.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.engine.gst import Gstin, gstin_check
from billing.errors import InvalidGstin, PayerInUse, UnknownRegistration
from billing.models import AccountWorkspace, BillingAccount, GstRegistration, TaxDocument
from billing.selectors.accounts import link_of, owner_emails, place_of
from billing.services.account_words import (
    address_cleaned,
    emails_cleaned,
    line_cleaned,
    net_days_cleaned,
    pincode_cleaned,
    tds_cleaned,
)
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant

LANGUAGES = frozenset({"en", "hi", "mr"})
ADDRESS = ("legal_name", "address", "city", "pincode", "state_code", "country")
MOST_REGISTRATIONS = 40
IS_ABROAD = _("A GSTIN is for a payer in India. Choose India as your country first.")
HAS_GSTIN = _("Remove your GSTINs first: invoices to another country carry none.")
TOO_MANY = _("That is more GSTINs than one payer can have here.")


@public_context()
def account_of(tenant: Tenant, *, now: datetime) -> BillingAccount:
    """Who pays for a workspace; on first need made from its name and its owner."""
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        link = link_of(tenant)
        if link is not None:
            return link.account
        city, state_code = place_of(tenant)
        account = BillingAccount.objects.create(
            legal_name=tenant.name,
            city=city,
            state_code=state_code,
            emails=list(owner_emails(tenant)),
            language=tenant.language if tenant.language in LANGUAGES else "en",
            created_at=now,
        )
        AccountWorkspace.objects.create(tenant=tenant, account=account)
    return account


@public_context()
def account_update(
    *, tenant: Tenant, now: datetime, actor_id: UUID | None = None, **changes: Any
) -> BillingAccount:
    """Correct the payer of this workspace; only what is named changes, documents keep their words.

    Names: legal_name, address, city, pincode, state_code, country, emails (a list, at most ten),
    language, po_required, tds_section with tds_basis_points. Raises InvalidInput with `field`.
    """
    with transaction.atomic():
        account = _locked(tenant, now)
        values = _cleaned(account, changes)
        rows = GstRegistration.objects.filter(account=account, removed_at=None)
        if values.get("country", "IN") != "IN" and rows.exists():
            raise InvalidInput(HAS_GSTIN, field="country")
        for name, value in values.items():
            setattr(account, name, value)
        account.save(update_fields=list(values) or None)
        _history(tenant, "payer_changed", ", ".join(sorted(values)), actor_id, now)
    return account


@public_context()
def account_terms(
    *,
    tenant: Tenant,
    pays_by: str,
    net_days: int,
    reason: str,
    actor_id: UUID,
    now: datetime,
    virtual_account: str | None = None,
) -> BillingAccount:
    """By staff: how this payer pays, how long an invoice may stay open (0 to 45 days), and where
    its transfers arrive. Invoices that are out keep their due date."""
    if pays_by not in {"gateway", "invoice"}:
        raise InvalidInput(_("Choose how this customer pays."), field="pays_by")
    days = net_days_cleaned(net_days)
    with transaction.atomic():
        account = _locked(tenant, now)
        account.pays_by, account.net_days = pays_by, days
        if virtual_account is not None:
            account.virtual_account = _free_virtual_account(account, virtual_account)
        account.save(update_fields=["pays_by", "net_days", "virtual_account"])
        told = f"{pays_by}, net {days}: {reason}"
        _history(tenant, "payer_terms_set", told, actor_id, now)
    return account


@public_context()
def account_link(
    *, tenant: Tenant, account: BillingAccount, actor_id: UUID, reason: str, now: datetime
) -> AccountWorkspace:
    """By staff: let another payer stand behind a workspace. Documents that are out stay with the
    payer they name. Raises PayerInUse while one of them is open."""
    from billing.selectors.documents import open_paise

    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        link = link_of(tenant)
        if link is not None and link.account_id == account.pk:
            return link
        rows = TaxDocument.objects.filter(tenant=tenant, kind="invoice")
        if any(open_paise(row) > 0 for row in rows):
            raise PayerInUse
        link, _is_new = AccountWorkspace.objects.update_or_create(
            tenant=tenant, defaults={"account": account, "registration": None}
        )
        _history(tenant, "payer_joined", f"payer {account.pk}: {reason}", actor_id, now)
    return link


@public_context()
def workspace_details(
    *,
    tenant: Tenant,
    now: datetime,
    actor_id: UUID | None = None,
    po_number: str = "",
    po_valid_until: date | None = None,
    cost_centre: str = "",
    registration_id: int | None = None,
) -> AccountWorkspace:
    """What the invoices of this workspace carry. `registration_id` None: the payer's default.

    Raises InvalidInput, and UnknownRegistration for one of another payer.
    """
    with transaction.atomic():
        account = _locked(tenant, now)
        link = link_of(tenant)
        link.po_number = line_cleaned(po_number, 40, "po_number")
        link.po_valid_until = po_valid_until if link.po_number else None
        link.cost_centre = line_cleaned(cost_centre, 40, "cost_centre")
        link.registration = _registration(account, registration_id) if registration_id else None
        link.save()
        _history(tenant, "invoice_details_changed", link.po_number, actor_id, now)
    return link


@public_context()
def registration_add(
    *,
    tenant: Tenant,
    gstin: str,
    legal_name: str,
    address: str,
    pincode: str,
    now: datetime,
    city: str = "",
    is_sez: bool = False,
    is_default: bool = False,
    actor_id: UUID | None = None,
) -> GstRegistration:
    """Enter a GSTIN of the payer, or correct the name and address of one that is there.

    The first one is the default. Raises InvalidGstin, also for a GSTIN of a deductor (TDS, TCS)
    that no supply is made to, and InvalidInput with `field`.
    """
    known = _gstin(gstin)
    values = {
        "legal_name": line_cleaned(legal_name, 200, "legal_name", is_needed=True),
        "address": line_cleaned(address, 300, "address", is_needed=True),
        "city": line_cleaned(city, 80, "city"),
        "pincode": pincode_cleaned(pincode, "IN", is_needed=True),
        "is_sez": is_sez,
    }
    with transaction.atomic():
        account = _locked(tenant, now)
        if account.country != "IN":
            raise InvalidInput(IS_ABROAD, field="gstin")
        rows = GstRegistration.objects.filter(account=account, removed_at=None)
        others = rows.exclude(gstin=known.value)
        if others.count() >= MOST_REGISTRATIONS:
            raise InvalidInput(TOO_MANY, field="gstin")
        has_default = rows.filter(is_default=True).exists()
        if is_default:
            others.update(is_default=False)
        row = rows.filter(gstin=known.value).first() or GstRegistration(
            account=account, gstin=known.value
        )
        for name, value in values.items():
            setattr(row, name, value)
        row.is_default = is_default or row.is_default or not has_default
        row.save()
        _history(tenant, "gstin_added", known.value, actor_id, now)
    return row


@public_context()
def registration_remove(
    *, tenant: Tenant, registration_id: int, now: datetime, actor_id: UUID | None = None
) -> None:
    """No further invoice names it; workspaces that had chosen it follow the default again, and
    another one becomes the default. Raises UnknownRegistration."""
    with transaction.atomic():
        account = _locked(tenant, now)
        row = _registration(account, registration_id)
        was_default, row.is_default, row.removed_at = row.is_default, False, now
        row.save(update_fields=["is_default", "removed_at"])
        AccountWorkspace.objects.filter(registration=row).update(registration=None)
        left = GstRegistration.objects.filter(account=account, removed_at=None).order_by("pk")
        heir = left.first() if was_default else None
        if heir is not None:
            heir.is_default = True
            heir.save(update_fields=["is_default"])
        _history(tenant, "gstin_removed", row.gstin, actor_id, now)


def _locked(tenant: Tenant, now: datetime) -> BillingAccount:
    """The workspace's row first, then its payer's."""
    account = account_of(tenant, now=now)
    return BillingAccount.objects.select_for_update().get(pk=account.pk)


def _cleaned(account: BillingAccount, changes: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if any(name in changes for name in ADDRESS):
        before = {name: getattr(account, name) for name in ADDRESS}
        values |= address_cleaned({**before, **_only(changes, ADDRESS)})
    if "emails" in changes:
        values["emails"] = emails_cleaned(changes["emails"])
    if "language" in changes:
        if changes["language"] not in LANGUAGES:
            raise InvalidInput(_("Choose English or Hindi."), field="language")
        values["language"] = changes["language"]
    if "po_required" in changes:
        values["po_required"] = bool(changes["po_required"])
    if "tds_section" in changes or "tds_basis_points" in changes:
        section = changes.get("tds_section", account.tds_section)
        rate = changes.get("tds_basis_points", account.tds_basis_points)
        values["tds_section"], values["tds_basis_points"] = tds_cleaned(section, rate)
    return values


def _only(changes: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: changes[name] for name in names if name in changes}


def _registration(account: BillingAccount, registration_id: int) -> GstRegistration:
    rows = GstRegistration.objects.filter(account=account, removed_at=None)
    row = rows.filter(pk=registration_id).first()
    if row is None:
        raise UnknownRegistration(field="registration_id")
    return row


def _gstin(text: str) -> Gstin:
    try:
        known = gstin_check(text)
    except ValueError as error:
        raise InvalidGstin(field="gstin") from error
    if known.kind in {"tds", "tcs"}:
        raise InvalidGstin(field="gstin")
    return known


def _free_virtual_account(account: BillingAccount, text: str) -> str:
    number = line_cleaned(text, 40, "virtual_account").replace(" ", "").upper()
    rows = BillingAccount.objects.filter(virtual_account=number).exclude(pk=account.pk)
    if number and rows.exists():
        raise InvalidInput(_("Another payer has this virtual account."), field="virtual_account")
    return number


def _history(tenant: Tenant, kind: str, reason: str, actor_id: UUID | None, now: datetime) -> None:
    tenant_event(tenant, kind, reason=reason[:500], actor_id=actor_id, now=now)
