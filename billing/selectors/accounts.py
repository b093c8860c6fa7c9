"""Who pays for a workspace, as invoices, checkouts and messages need it."""

from dataclasses import dataclass
from datetime import date

from billing.engine.gst import gstin_state
from billing.engine.states import gst_code
from billing.models import AccountWorkspace, BillingAccount, GstRegistration
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.selectors import owner_of


@dataclass(frozen=True)
class PayerFacts:
    """`gstin` and the name and address beside it are those of the registration that counts here.

    `state_code` is the GSTIN's State, else that of the address, else empty.
    """

    legal_name: str
    address: str = ""
    city: str = ""
    pincode: str = ""
    state_code: str = ""
    country: str = "IN"
    gstin: str = ""
    emails: tuple[str, ...] = ()
    language: str = "en"
    is_sez: bool = False
    pays_by: str = "gateway"
    net_days: int = 0
    po_number: str = ""
    po_valid_until: date | None = None
    po_required: bool = False
    cost_centre: str = ""
    tds_section: str = ""
    tds_basis_points: int = 0

    @property
    def lacks_po(self) -> bool:
        """Whether an invoice of now would miss a number that this payer insists on."""
        return self.po_required and not self.po_number


@public_context()
def payer_facts(tenant: Tenant) -> PayerFacts:
    """Of a workspace; before there is a payer, what its name and its owner tell."""
    return facts_by(tenant, link_of(tenant))


@public_context()
def facts_by(tenant: Tenant, link: AccountWorkspace | None) -> PayerFacts:
    """The same, where the link was read already."""
    if link is None:
        city, state_code = place_of(tenant)
        return PayerFacts(
            legal_name=tenant.name,
            city=city,
            state_code=state_code,
            emails=owner_emails(tenant),
            language=tenant.language[:5],
        )
    account, registration = link.account, registration_of(link)
    own_state = gstin_state(registration.gstin) if registration else ""
    named = registration or account
    return PayerFacts(
        legal_name=named.legal_name or tenant.name,
        address=named.address,
        city=named.city,
        pincode=named.pincode,
        state_code=own_state or account.state_code,
        country="IN" if registration else account.country,
        gstin=registration.gstin if registration else "",
        emails=tuple(account.emails),
        language=account.language,
        is_sez=bool(registration and registration.is_sez),
        pays_by=account.pays_by,
        net_days=account.net_days,
        po_number=link.po_number,
        po_valid_until=link.po_valid_until,
        po_required=account.po_required,
        cost_centre=link.cost_centre,
        tds_section=account.tds_section,
        tds_basis_points=account.tds_basis_points,
    )


@public_context()
def link_of(tenant: Tenant) -> AccountWorkspace | None:
    rows = AccountWorkspace.objects.select_related("account", "registration", "tenant")
    return rows.filter(tenant=tenant).first()


def registration_of(link: AccountWorkspace) -> GstRegistration | None:
    """The one chosen for this workspace while it stands, else the payer's default, else none."""
    chosen = link.registration
    if chosen is not None and chosen.removed_at is None:
        return chosen
    rows = GstRegistration.objects.filter(account=link.account_id, removed_at=None)
    return rows.filter(is_default=True).first()


@public_context()
def registrations_of(account: BillingAccount) -> list[GstRegistration]:
    """Those that stand, the default first."""
    rows = GstRegistration.objects.filter(account=account, removed_at=None)
    return list(rows.order_by("-is_default", "gstin"))


@public_context()
def pincode_of(account: BillingAccount, gstin: str) -> str:
    """Of the registration with this GSTIN, else of the payer's address; "" where neither has it."""
    rows = GstRegistration.objects.filter(account=account, gstin=gstin).exclude(pincode="")
    newest = rows.order_by("-pk").values_list("pincode", flat=True).first() if gstin else None
    return newest or account.pincode


@public_context()
def workspaces_of(account: BillingAccount) -> list[Tenant]:
    rows = AccountWorkspace.objects.filter(account=account).select_related("tenant")
    return [row.tenant for row in rows.order_by("tenant__name")]


@public_context()
def owner_emails(tenant: Tenant) -> tuple[str, ...]:
    owner = owner_of(tenant)
    return (owner.email,) if owner is not None and owner.email else ()


def place_of(tenant: Tenant) -> tuple[str, str]:
    """City and State (two digits) as the workspace's tier knows them; "" where it does not."""
    if tenant.tier not in REGISTRY:
        return "", ""
    city, letters = resolve(REGISTRY[tenant.tier].profile)().place(tenant)
    return city[:80], gst_code(letters)
