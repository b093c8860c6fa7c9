"""Answers for API paths of a tier that this workspace, or this installation, does not have."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from marketing_platform.api.errors import KeyMissing, KeyOfAnotherWorkspace, TierMismatch
from marketing_platform.api.keys import key_of_request
from marketing_platform.api.problems import problem_response
from marketing_platform.core.errors import NotFound, PlatformError
from marketing_platform.tiers.registry import deployed
from marketing_platform.users.permissions import public_page


def _refuse_strangers(request: HttpRequest) -> None:
    """Raises KeyMissing, KeyInvalid or KeyOfAnotherWorkspace before anything is revealed."""
    key = request.api_key or key_of_request(request)
    if key is None and not request.user.is_authenticated:
        raise KeyMissing
    if key is not None and key.tenant_id != request.tenant.pk:
        raise KeyOfAnotherWorkspace


@csrf_exempt
@public_page
def other_tier(request: HttpRequest, tier: str, rest: str = "") -> HttpResponse:
    """404 tier_mismatch for the other deployed tier, plain not_found for one not deployed."""
    try:
        _refuse_strangers(request)
        if tier in deployed() and tier != request.tenant.tier:
            raise TierMismatch(tier=request.tenant.get_tier_display())
        raise NotFound
    except PlatformError as error:
        return problem_response(request, error)


@csrf_exempt
@public_page
def unknown_route(request: HttpRequest, rest: str = "") -> HttpResponse:
    try:
        _refuse_strangers(request)
        raise NotFound
    except PlatformError as error:
        return problem_response(request, error)
