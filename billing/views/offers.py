"""Coupons, and the code that an owner passes on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from billing.services.coupons import coupon_drop, coupon_take
from billing.services.referrals import referral_code_of, referral_take
from billing.views.counting import counted_again
from billing.views.summary import SeeOther, summary_page
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires


@require_POST
@requires(Permission.BILLING)
@counted_again
def billing_coupon(request: HttpRequest) -> HttpResponse:
    """Put a coupon on the workspace, or take it off."""
    now = clock.now()
    try:
        if "drop" in request.POST:
            coupon_drop(tenant=request.tenant, now=now)
            text = gettext("The coupon is taken off.")
        else:
            code = request.POST.get("coupon", "")
            coupon_take(tenant=request.tenant, code=code, now=now, actor_id=request.user.pk)
            text = gettext("The coupon counts from your next payment.")
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    messages.success(request, text)
    return SeeOther(reverse("billing"))


@require_POST
@requires(Permission.BILLING)
def billing_referral(request: HttpRequest) -> HttpResponse:
    """Get a code to pass on, or say by whose code one came."""
    now = clock.now()
    try:
        if "referral" in request.POST:
            referral_take(tenant=request.tenant, code=request.POST["referral"], now=now)
            messages.success(request, gettext("Thank you. We know now who brought you."))
        else:
            referral_code_of(tenant=request.tenant, now=now)
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    return SeeOther(reverse("billing"))
