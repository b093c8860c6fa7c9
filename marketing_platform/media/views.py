"""Handing out files by signed address."""

from datetime import datetime

from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from marketing_platform.core.clock import now as present
from marketing_platform.core.errors import NotFound
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import SignedClaim, claim_of, content_of, media_file_of
from marketing_platform.media.services import ENDINGS
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant

SERVED_STATES = (State.ACTIVE, State.CLOSING)


@require_safe
def signed(request: HttpRequest, token: str) -> HttpResponse:
    """The file of the token, on its own workspace's host or the public host; else 404."""
    moment = present()
    try:
        claim = claim_of(token, now=moment)
        with tenant_context(_tenant_of(request, claim)):
            media_file = media_file_of(claim.media_id)
            content = content_of(media_file)
    except (NotFound, SuspiciousFileOperation) as error:
        raise Http404 from error
    etag = f'"{media_file.sha256}"'
    answer = _answer(media_file, content, is_download=request.GET.get("download") == "1")
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={_seconds_left(claim, moment)}"
    return get_conditional_response(request, etag=etag, response=answer)


signed.is_public = True  # the token is the permission


def _tenant_of(request: HttpRequest, claim: SignedClaim) -> Tenant:
    here: Tenant | None = getattr(request, "tenant", None)
    if here is not None and here.pk != claim.tenant_id:
        raise NotFound
    # Read afresh: the token is the permission, and the host's row may be some seconds old.
    tenant = Tenant.objects.filter(pk=claim.tenant_id).first()
    if tenant is None or tenant.state not in SERVED_STATES:
        raise NotFound
    return tenant


def _answer(media_file: MediaFile, content: bytes, *, is_download: bool) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_file.mime_type)
    name = f"{media_file.purpose}-{media_file.created_at:%Y-%m-%d}"
    ending = ENDINGS.get(media_file.mime_type, ".bin")
    answer["Content-Disposition"] = content_disposition_header(is_download, f"{name}{ending}")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _seconds_left(claim: SignedClaim, moment: datetime) -> int:
    return max(0, int((claim.expires_at - moment).total_seconds()))
