"""The wizard's memory: what was entered so far, kept in the session of the public host."""

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.sessions import WIZARD

STEPS = ("you", "business", "plan", "payment")


@dataclass
class SignUp:
    tier: str
    full_name: str = ""
    phone: str = ""
    email: str = ""
    password_hash: str = ""
    code_id: str = ""
    tenant_id: str = ""
    checkout_id: str = ""


def sign_up_read(request: HttpRequest) -> SignUp | None:
    kept = request.session.get(WIZARD)
    return SignUp(**kept) if kept else None


def sign_up_write(request: HttpRequest, sign_up: SignUp) -> None:
    request.session[WIZARD] = asdict(sign_up)


def own_tenant(request: HttpRequest, tenant_id: Any) -> Tenant | None:
    """The workspace being signed up, if it belongs to the signed-in person."""
    from marketing_platform.users.models import Membership

    row = Membership.objects.select_related("tenant").filter(
        user_id=request.user.pk, tenant_id=tenant_id, role="owner"
    )
    found = row.first()
    return found.tenant if found else None


def pending_tenant(request: HttpRequest, sign_up: SignUp) -> Tenant | None:
    if not sign_up.tenant_id or not request.user.is_authenticated:
        return None
    tenant = own_tenant(request, sign_up.tenant_id)
    return tenant if tenant and tenant.state == State.PENDING else None
