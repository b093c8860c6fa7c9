"""What search engines, phones and messengers ask of the public site."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from marketing_platform.documents.render import render_png
from marketing_platform.legal.documents import KEYS, document_versions
from marketing_platform.onboarding.languages import CODES
from marketing_platform.support.topics import topics
from marketing_platform.users.permissions import public_page

CONTENT = settings.BASE_DIR / "marketing_platform" / "onboarding" / "content"
MARK = settings.BASE_DIR / "static" / "img" / "favicon.svg"
ICON_SIZES = (180, 192, 512)
DAY = 24 * 3600
# What is a step, somebody's own or made for each visitor is not for search engines.
NOT_FOR_SEARCH = ("/start/", "/sign-in/", "/my/", "/account/", "/sample/", "/join/", "/api/")


@require_safe
@cache_control(max_age=DAY, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_SEARCH)]
    lines += ["", f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=DAY, public=True)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page once in each language, each naming the others."""
    versions = document_versions()
    tails = {"": None, "pricing/": None, "legal/": None}
    tails |= {f"legal/{key}/": versions[key].isoformat() for key in KEYS}
    tails |= {"help/": None} | {f"help/{each.slug}/": None for each in topics()}
    pages = [
        {
            "address": f"{settings.PUBLIC_URL}/{code}/{tail}",
            "changed": changed,
            "others": {other: f"{settings.PUBLIC_URL}/{other}/{tail}" for other in CODES},
        }
        for tail, changed in tails.items()
        for code in CODES
    ]
    return render(request, "public/sitemap.xml", {"pages": pages}, content_type="application/xml")


@public_page
@require_safe
@cache_control(max_age=DAY)
def manifest(request: HttpRequest) -> HttpResponse:
    """On every host; browsers ask without saying who they are, so no workspace is named."""
    content = {
        "name": settings.PRODUCT_NAME,
        "short_name": settings.PRODUCT_NAME[:24],
        "start_url": "/",
        "display": "standalone",
        "background_color": "#f8f5ef",
        "theme_color": "#2e3c8c",
        "icons": [
            {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@public_page
@require_safe
@cache_control(max_age=7 * DAY, public=True)
def icon(request: HttpRequest, size: int) -> HttpResponse:
    if size not in ICON_SIZES:
        raise Http404
    return HttpResponse(_icon(size), content_type="image/png")


@require_safe
@cache_control(max_age=7 * DAY, public=True)
def share_picture(request: HttpRequest, language: str) -> HttpResponse:
    """1200 × 630 pixels, as messengers and networks show a link."""
    if language not in CODES:
        raise Http404
    return HttpResponse(_share(language), content_type="image/png")


@cache
def _icon(size: int) -> bytes:
    return render_png(CONTENT / "icon.typ", payload={"mark": MARK.read_text()}, pixels=size)


@cache
def _share(language: str) -> bytes:
    with override(language):
        payload = {
            "mark": MARK.read_text(),
            "language": language,
            "product": settings.PRODUCT_NAME,
            "title": gettext("Know what to post today. It is already written."),
            "line": gettext("For businesses in India. Prices in rupees, with GST shown."),
        }
    return render_png(CONTENT / "share.typ", payload=payload, pixels=1200)
