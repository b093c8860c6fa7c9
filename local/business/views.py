from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from local.business.forms import BusinessForm
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from local.business.services import business_update
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission, allowed, requires

FIELDS = tuple(BusinessForm.base_fields)


@never_cache
@require_safe
@requires(Permission.READ)
def profile(request: HttpRequest) -> HttpResponse:
    """Everybody may look; saving needs the permission to work (see `profile_save`)."""
    business = business_of(request.tenant)
    form = BusinessForm(initial=_details(business))
    return _page(request, business, form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def profile_save(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return redirect("local-business")
    business = business_of(request.tenant)
    form = BusinessForm(request.POST)
    if not form.is_valid():
        return _page(request, business, form, status=422)
    business_update(business=business, now=clock.now(), **form.cleaned_data)
    messages.success(request, gettext("Saved. Today's posts use it from now on."))
    return redirect("local-business")


def _details(business: LocalBusiness) -> dict[str, Any]:
    return {field: getattr(business, field) for field in FIELDS}


def _page(
    request: HttpRequest, business: LocalBusiness, form: BusinessForm, status: int = 200
) -> HttpResponse:
    context = {
        "title": gettext("Your business"),
        "subtitle": gettext("Posts are written from this."),
        "form": form,
        "may_save": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "local/business/profile.html", context, status=status)
