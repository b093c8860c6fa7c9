"""Sign-up in four steps: you, business, plan, payment. Each can be left and resumed."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import with_headers
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mask_phone
from marketing_platform.legal.services import acceptance_record
from marketing_platform.onboarding.codes import code_enter, code_send
from marketing_platform.onboarding.forms import CodeForm, YouEnterpriseForm, YouLocalForm
from marketing_platform.onboarding.pages import (
    client_address,
    error_sentence,
    form_page,
    steps_context,
)
from marketing_platform.onboarding.plan_cards import plan_cards
from marketing_platform.onboarding.security import finish_sign_in
from marketing_platform.onboarding.steps import (
    SignUp,
    own_tenant,
    pending_tenant,
    sign_up_read,
    sign_up_write,
)
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import deployed, spec
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add, user_create_verified

NEW_WORKSPACES_PER_HOUR = 10


@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Choose a tier; with one tier deployed there is nothing to choose."""
    tiers = deployed()
    if len(tiers) == 1:
        return redirect("start_you", tier=tiers[0])
    return render(request, "onboarding/start.html", {"plans": plan_cards(), "is_simple": True})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def you(request: HttpRequest, tier: str) -> HttpResponse:
    """Name and number (Local) or e-mail and password (Enterprise); then a code."""
    if tier not in deployed():
        raise Http404
    if request.user.is_authenticated:
        sign_up_write(request, SignUp(tier=tier, full_name=request.user.full_name))
        return redirect("start_business")
    form_class = YouLocalForm if tier == "local" else YouEnterpriseForm
    form = form_class(request.POST or None)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _code_for(request, tier, form.cleaned_data)
        except PlatformError as error:
            problem = error
            form.add_error(None, error_sentence(error))
    context = {"form": form, "tier": tier, **steps_context("you")}
    return form_page(request, f"onboarding/you_{tier}.html", context, problem)


def _code_for(request: HttpRequest, tier: str, cleaned: dict[str, Any]) -> HttpResponse:
    sign_up = SignUp(
        tier=tier,
        full_name=cleaned["full_name"],
        phone=cleaned.get("phone", ""),
        email=cleaned.get("email", ""),
        password_hash=make_password(cleaned["password"]) if "password" in cleaned else "",
    )
    sign_up.code_id = _send(request, sign_up)
    sign_up_write(request, sign_up)
    return redirect("start_code")


def _send(request: HttpRequest, sign_up: SignUp) -> str:
    return code_send(
        phone=sign_up.phone or None,
        email=sign_up.email or None,
        purpose=CodePurpose.SIGN_UP,
        language=get_language() or "en",
        address=client_address(request),
        browser=browser_of(request, sign_up.phone or sign_up.email),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    sign_up = sign_up_read(request)
    if sign_up is None or not sign_up.code_id:
        return redirect("start")
    if request.user.is_authenticated:
        return redirect("start_business")
    form = CodeForm(request.POST or None)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            code_enter(
                request=request,
                code_id=sign_up.code_id,
                destination=sign_up.phone or sign_up.email,
                digits=form.cleaned_data["code"],
            )
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            return _verified(request, sign_up)
    context = {
        "form": form,
        **_code_context(sign_up),
    }
    return form_page(request, "onboarding/code.html", context, problem)


def _verified(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    user = user_create_verified(
        full_name=sign_up.full_name,
        language=get_language() or "en",
        phone=sign_up.phone or None,
        email=sign_up.email or None,
        password_hash=sign_up.password_hash or None,
    )
    sign_up.code_id, sign_up.password_hash = "", ""
    sign_up_write(request, sign_up)
    acceptance_record(
        user_id=user.pk,
        place="sign_up",
        language=get_language() or "en",
        address=client_address(request),
        now=clock.now(),
    )
    return finish_sign_in(request, user, reverse("start_business"))


@never_cache
@require_POST
def code_again(request: HttpRequest) -> HttpResponse:
    sign_up = sign_up_read(request)
    if sign_up is None or not (sign_up.phone or sign_up.email):
        return redirect("start")
    try:
        sign_up.code_id = _send(request, sign_up)
    except PlatformError as error:
        form = CodeForm({})
        form.errors.clear()
        form.add_error(None, error_sentence(error))
        context = {"form": form, **_code_context(sign_up)}
        return with_headers(
            render(request, "onboarding/code.html", context, status=error.status), error
        )
    sign_up_write(request, sign_up)
    return redirect("start_code")


def _code_context(sign_up: SignUp) -> dict[str, Any]:
    return {
        "destination": mask_phone(sign_up.phone) if sign_up.phone else sign_up.email,
        "change_url": reverse("start_you", args=[sign_up.tier]),
        "resend_url": reverse("start_code_again"),
        "inbox_url": "/inbox/" if settings.SHOW_DEVELOPMENT_INBOX else None,
        **steps_context("you"),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def business(request: HttpRequest) -> HttpResponse:
    """The tier's own form; its answer reserves the workspace. A second click changes nothing."""
    sign_up = sign_up_read(request)
    if sign_up is None or not request.user.is_authenticated or sign_up.tier not in deployed():
        return redirect("start")
    if sign_up.tenant_id:
        return redirect("start_plan")
    profile = resolve(spec(sign_up.tier).profile)()
    language = get_language() or "en"
    form = resolve(spec(sign_up.tier).signup_form)(data=request.POST or None, language=language)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            limit_per_hour("new workspaces", str(request.user.pk), NEW_WORKSPACES_PER_HOUR)
            tenant = _workspace(request, sign_up, profile, form.cleaned_data, language)
        except PlatformError as error:
            problem = error
            known = error.field if error.field in form.fields else None
            form.add_error(known, error_sentence(error))
        else:
            sign_up.tenant_id = str(tenant.pk)
            sign_up_write(request, sign_up)
            return redirect("start_plan")
    context = {"form": form, "tier": sign_up.tier, **steps_context("business")}
    return form_page(request, "onboarding/business.html", context, problem)


def _workspace(
    request: HttpRequest, sign_up: SignUp, profile: Any, cleaned: dict[str, Any], language: str
) -> Tenant:
    """One pending workspace per person and name: a double click or a second tab finds the first."""
    from marketing_platform.users.models import Membership, User

    now = clock.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=request.user.pk)
        same = Membership.objects.select_related("tenant").filter(
            user=request.user,
            role=Role.OWNER,
            tenant__name=cleaned["name"],
            tenant__tier=sign_up.tier,
            tenant__state="pending",
        )
        found = same.first()
        if found is not None:
            return found.tenant
        tenant = tenant_reserve(
            tier=sign_up.tier,
            name=cleaned["name"],
            language=language,
            actor_id=request.user.pk,
            now=now,
        )
        profile.create(tenant=tenant, cleaned=cleaned)
        membership_add(tenant=tenant, user=request.user, role=Role.OWNER, now=now)
    return tenant


@never_cache
def continue_sign_up(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Pick up a reserved workspace from another day or device."""
    tenant = own_tenant(request, tenant_id) if request.user.is_authenticated else None
    if tenant is None:
        raise Http404
    kept = sign_up_read(request)
    if kept is None or kept.tenant_id != str(tenant.pk):
        kept = SignUp(tier=tenant.tier, full_name=request.user.full_name, tenant_id=str(tenant.pk))
        sign_up_write(request, kept)
    return redirect("start_plan")


def resume(request: HttpRequest) -> HttpResponse:
    """Take an unfinished sign-up up where it was left."""
    sign_up = sign_up_read(request)
    if sign_up is None:
        return redirect("start")
    if not request.user.is_authenticated:
        return redirect("start_code" if sign_up.code_id else "start")
    return redirect("start_plan" if pending_tenant(request, sign_up) else "start_business")
