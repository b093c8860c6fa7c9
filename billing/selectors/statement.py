"""One payer, several workspaces: separate invoices, one statement."""

from dataclasses import dataclass

from billing.models import AccountWorkspace, TaxDocument
from billing.selectors.documents import DocumentFacts, documents_facts
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Permission, allowed

MOST = 240


@dataclass(frozen=True)
class Line:
    workspace: str
    document: DocumentFacts


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
    return Statement(
        payer=link.account.legal_name if link else "",
        workspaces=tuple(names.values()),
        hidden=len(paid_for) - len(shown),
        lines=tuple(Line(names[row.tenant_id], fact) for row, fact in lines),
        open=Rupees(sum(fact.open_paise for fact in facts)).format(),
    )


def _paid_for(link: AccountWorkspace) -> list[Tenant]:
    rows = AccountWorkspace.objects.filter(account=link.account_id).select_related("tenant")
    return [row.tenant for row in rows.order_by("tenant__name")]


def _may_see(user: User, tenant: Tenant) -> bool:
    row = Membership.objects.filter(user=user, tenant=tenant).first()
    return row is not None and allowed(row.role, Permission.BILLING)
