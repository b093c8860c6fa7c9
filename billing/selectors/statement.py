"""One payer, several workspaces: separate invoices, one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from billing.models import AccountWorkspace, Settlement, TaxDocument
from billing.selectors.documents import DocumentFacts, documents_facts
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Permission, allowed

MOST = 240
HOW = {
    "payment": _("Paid online"),
    "transfer": _("Bank transfer"),
    "tds": _("Tax deducted at source (TDS)"),
    "credit_note": _("Credit note"),
    "write_off": _("Not asked for any more"),
}


@dataclass(frozen=True)
class Settled:
    """What went against an invoice; below zero what was taken back."""

    on: date
    how: str
    amount: str


@dataclass(frozen=True)
class Line:
    workspace: str
    document: DocumentFacts
    settled: tuple[Settled, ...] = ()


@dataclass(frozen=True)
class Statement:
    """The newest first. `hidden`: workspaces of this payer that the reader may not see."""

    payer: str
    workspaces: tuple[str, ...]
    hidden: int
    lines: tuple[Line, ...]
    open: str


@public_context()
def statement_of(tenant: Tenant, *, user: User) -> Statement:
    """Of the payer of this workspace. A workspace is in it only if this person may see its billing
    there too: paying together opens no doors."""
    link = AccountWorkspace.objects.select_related("account").filter(tenant=tenant).first()
    paid_for = _paid_for(link) if link else [tenant]
    shown = [each for each in paid_for if each.pk == tenant.pk or _may_see(user, each)]
    names = {each.pk: each.name for each in shown}
    rows = TaxDocument.objects.filter(tenant__in=shown).select_related("original", "supplier")
    found = list(rows.order_by("-issued_on", "-id")[:MOST])
    facts = documents_facts(found)
    lines = zip(found, facts, strict=True)
    settled = _settled(found)
    return Statement(
        payer=link.account.legal_name if link else "",
        workspaces=tuple(names.values()),
        hidden=len(paid_for) - len(shown),
        lines=tuple(
            Line(names[row.tenant_id], fact, settled.get(row.pk, ())) for row, fact in lines
        ),
        open=Rupees(sum(fact.open_paise for fact in facts)).format(),
    )


def _settled(documents: Iterable[TaxDocument]) -> dict[int, tuple[Settled, ...]]:
    """By document, in the order in which it came."""
    found: dict[int, list[Settled]] = {}
    for row in Settlement.objects.filter(document__in=list(documents)).order_by("settled_on", "pk"):
        one = Settled(row.settled_on, gettext(HOW[row.by]), Rupees(row.amount_paise).format())
        found.setdefault(row.document_id, []).append(one)
    return {document_id: tuple(each) for document_id, each in found.items()}


def _paid_for(link: AccountWorkspace) -> list[Tenant]:
    rows = AccountWorkspace.objects.filter(account=link.account_id).select_related("tenant")
    return [row.tenant for row in rows.order_by("tenant__name")]


def _may_see(user: User, tenant: Tenant) -> bool:
    row = Membership.objects.filter(user=user, tenant=tenant).first()
    return row is not None and allowed(row.role, Permission.BILLING)
