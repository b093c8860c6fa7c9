"""The company's details in the settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from enterprise.clients.forms import CompanyProfileForm
from enterprise.clients.models import EnterpriseClient
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create, client_update
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def profile(request: HttpRequest) -> HttpResponse:
    """Everybody may look; saving needs the permission to work (see `profile_save`)."""
    return _page(request, CompanyProfileForm(initial=_initial(client_of(request.tenant))))


@never_cache
@require_POST
@requires(Permission.WORK)
def profile_save(request: HttpRequest) -> HttpResponse:
    form = CompanyProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    _save(request, client_of(request.tenant), form)
    messages.success(request, gettext("Saved."))
    return redirect("enterprise-profile")


def _page(request: HttpRequest, form: CompanyProfileForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "may_change": allowed(request.membership.role, Permission.WORK)}
    return render(request, "enterprise/profile.html", context, status=status)


def _initial(client: EnterpriseClient | None) -> dict[str, str]:
    if client is None:
        return {}
    names = ("industry", "city", "state", "employee_count", "annual_revenue", "website", "gstin")
    return {"name": client.company_name} | {name: getattr(client, name) for name in names}


def _save(request: HttpRequest, client: EnterpriseClient | None, form: CompanyProfileForm) -> None:
    details = dict(form.cleaned_data)
    details["company_name"] = details.pop("name")
    if client is None:
        client_create(tenant=request.tenant, now=clock.now(), **details)
    else:
        client_update(client=client, now=clock.now(), **details)
