"""The demo: one invented business per deployed tier, a member of staff, and their sign-ins.

May be run again at every start; what exists is left as it is. Never in production.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import override

from billing.services import staff_terms_accept, trial_start
from billing.services.suppliers import supplier_save
from marketing_platform.api.keys import key_create
from marketing_platform.api.models import ApiKey
from marketing_platform.core import clock
from marketing_platform.schedule.upkeep import upkeep_schedule
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_host, tenant_url
from marketing_platform.tenants.services import tenant_reserve, workspace_provision
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY, deployed
from marketing_platform.users.models import User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add, user_create_verified

PASSWORD = "demo-password-2026"  # noqa: S105  the demo's sign-in, printed by bin/run
STAFF_EMAIL = "staff@nukkad.example"

# Who issues the demo's invoices; the GSTIN has its form and its check digit, and is nobody's.
SUPPLIER = {
    "legal_name": "Nukkad Software Private Limited",
    "address": "4th Floor, Deccan Corner, Karve Road",
    "city": "Pune",
    "pincode": "411004",
    "gstin": "27AAACN0000N1ZU",
    "email": "accounts@nukkad.example",
    "bank_details": "Nukkad Software Private Limited, account 0000 1111 2222, IFSC EXMP0000001",
}


@dataclass(frozen=True)
class DemoOwner:
    slug: str
    full_name: str
    profile: dict[str, Any]
    phone: str | None = None
    email: str | None = None


OWNERS = {
    "local": DemoOwner(
        slug="asha-sweets",
        full_name="Asha Kulkarni",
        phone="+919999900001",
        profile={
            "name": "Asha Sweets",
            "category": "sweet_shop",
            "city": "pune",
            "languages": ["en", "hi", "hinglish", "mr"],
        },
    ),
    "enterprise": DemoOwner(
        slug="veda-appliances",
        full_name="Vikram Rao",
        email="vikram@veda.example",
        profile={
            "name": "Veda Home Appliances",
            "industry": "consumer_durables",
            "city": "Bengaluru",
            "state": "KA",
            "employee_count": "up_to_1000",
            "annual_revenue": "up_to_250_crore",
        },
    ),
}


def seed(reset: bool = False) -> dict[str, list[dict[str, str]]]:
    """Make what is missing. Returns the `workspaces` and `sign_ins` of var/run.json."""
    if not settings.SHOW_DEVELOPMENT_INBOX:
        raise ImproperlyConfigured("Demo data is for development only.")
    now = clock.now()
    workspaces, sign_ins = [], []
    with override("en"):
        staff = _staff()
        supplier_save(**SUPPLIER)
        for tier in deployed():
            owner = OWNERS[tier]
            user = _person(owner)
            tenant = _workspace(tier, owner, user, staff, now)
            workspaces.append(_workspace_row(tenant, user, now, reset))
            sign_ins.append(_sign_in("owner", tier, owner.phone or owner.email or ""))
        sign_ins.append({"role": "staff", "login": STAFF_EMAIL, "password_or_code": PASSWORD})
        upkeep_schedule()
    return {"workspaces": workspaces, "sign_ins": sign_ins}


def _person(owner: DemoOwner) -> User:
    user = user_create_verified(
        full_name=owner.full_name, language="en", phone=owner.phone, email=owner.email
    )
    if owner.email and not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def _workspace(tier: str, owner: DemoOwner, user: User, staff: User, now: datetime) -> Tenant:
    tenant = Tenant.objects.filter(slug=owner.slug).first()
    if tenant is None:
        profile = resolve(REGISTRY[tier].profile)()
        form = resolve(REGISTRY[tier].signup_form)(data=owner.profile, language="en")
        if not form.is_valid():
            raise ImproperlyConfigured(f"demo data of {tier}: {form.errors.as_json()}")
        tenant = tenant_reserve(
            tier=tier,
            name=form.cleaned_data["name"],
            language="en",
            actor_id=user.pk,
            now=now,
            slug=owner.slug,
        )
        profile.create(tenant=tenant, cleaned=form.cleaned_data)
        membership_add(tenant=tenant, user=user, role=Role.OWNER, now=now)
    if tenant.state in {State.PENDING, State.FAILED}:
        _decide(tenant, staff, now)
        tenant.refresh_from_db()
    if tenant.state == State.PREPARING:
        workspace_provision(tenant, now=now)
        with tenant_context(tenant):
            resolve(REGISTRY[tier].demo)(tenant, today=clock.today(now))
    return tenant


def _workspace_row(tenant: Tenant, user: User, now: datetime, reset: bool) -> dict[str, str]:
    return {
        "tier": tenant.tier,
        "slug": tenant.slug,
        "url": tenant_url(tenant),
        "host": tenant_host(tenant),
        "api_key": _api_key(tenant, user, now, reset),
    }


def _api_key(tenant: Tenant, user: User, now: datetime, reset: bool) -> str:
    """The demo key in clear is kept beside the demo's own data folder, nowhere else."""
    path = Path(settings.VAR_DIR) / "demo-keys.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() and not reset else {}
    text = kept.get(str(tenant.pk), "")
    prefix = "_".join(text.split("_")[:2])
    if not text or not ApiKey.objects.filter(prefix=prefix, revoked_at=None).exists():
        _row, text = key_create(
            tenant=tenant,
            name="Demo",
            scopes=("read", "write"),
            is_test=False,
            created_by_id=user.pk,
            expires_at=None,
            now=now,
        )
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(json.dumps({**kept, str(tenant.pk): text}))
    return text


def _sign_in(role: str, tier: str, login: str) -> dict[str, str]:
    secret = settings.DEMO_CODE if tier == "local" else PASSWORD
    return {"role": f"{tier}_{role}", "login": login, "password_or_code": secret}


def _staff() -> User:
    found = User.objects.filter(email=STAFF_EMAIL).first()
    return found or User.objects.create_superuser(STAFF_EMAIL, PASSWORD, full_name="Staff")


def _decide(tenant: Tenant, staff: User, now: datetime) -> None:
    """A shop tries for free; a company has no trial, so staff accept its terms."""
    if tenant.tier == "local":
        trial_start(tenant=tenant, now=now)
        return
    staff_terms_accept(
        tenant=tenant,
        actor_id=staff.pk,
        reason="Demo workspace",
        until=now + timedelta(days=365),
        now=now,
    )
