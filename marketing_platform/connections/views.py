"""Connected accounts: the list with their health, connecting in two ways, trying, disconnecting."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.connections.errors import NO_DETAIL, TokenFieldWrong
from marketing_platform.connections.forms import TokenForm
from marketing_platform.connections.models import AccountChoice
from marketing_platform.connections.oauth import (
    COOKIE,
    LIFETIME,
    account_choose,
    provider_for_sign_in,
    sign_in_finish,
    sign_in_start,
)
from marketing_platform.connections.providers import PROVIDERS, application_of, providers_of
from marketing_platform.connections.selectors import choice_of, connection_of, connections_all
from marketing_platform.connections.services import connection_disconnect
from marketing_platform.connections.tokens import (
    connection_try,
    provider_for_token,
    token_connect,
)
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission, requires

COOKIE_PATH = "/settings/connections/"
TRIES = _("tries to connect")
TRIES_AN_HOUR = 40


def said(error: PlatformError) -> str:
    """The error's sentence in the reader's language, its own words translated too."""
    ours = {"hint", "field_label"}
    params = {
        name: gettext(value) if name in ours or value == NO_DETAIL else value
        for name, value in error.params.items()
    }
    text = gettext(error.sentence)
    return text % params if params else text


@never_cache
@require_safe
@requires(Permission.CONNECTIONS)
def connections(request: HttpRequest) -> HttpResponse:
    held = {row.provider: row for row in connections_all()}
    cards = [_card(each, held.get(each.code)) for each in providers_of(request.tenant.tier)]
    return render(request, "connections/connections.html", {"cards": cards})


def _card(provider: Any, row: Any) -> dict[str, Any]:
    text = gettext(row.failure_sentence) if row and row.failure_sentence else ""
    return {
        "provider": provider,
        "about": gettext(provider.about),
        "connection": row,
        "trouble": text % row.failure_params if text and row.failure_params else text,
        "may_sign_in": provider.kind == "oauth" and bool(application_of(provider)["id"]),
        "has_token_form": bool(provider.token_fields),
    }


@never_cache
@require_POST
@requires(Permission.CONNECTIONS)
def connect(request: HttpRequest, provider: str) -> HttpResponse:
    """Off to the provider, with a nonce left here."""
    try:
        _count(request)
        known = provider_for_sign_in(provider, request.tenant.tier)
    except PlatformError as error:
        return _back(request, error)
    departure = sign_in_start(
        provider=known, tenant=request.tenant, actor_id=request.user.pk, now=clock.now()
    )
    response = redirect(departure.url)
    response.set_cookie(
        f"{COOKIE}_{known.code}",
        departure.nonce,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path=COOKIE_PATH,
    )
    return response


@never_cache
@require_GET
@requires(Permission.CONNECTIONS)
def complete(request: HttpRequest, provider: str) -> HttpResponse:
    """Back from the provider. HEAD is refused: looking at the address must not use it up."""
    cookie = f"{COOKIE}_{provider}"[:80]
    try:
        known = provider_for_sign_in(provider, request.tenant.tier)
        done = sign_in_finish(
            provider=known,
            tenant=request.tenant,
            actor_id=request.user.pk,
            nonce=request.COOKIES.get(cookie, ""),
            answer={name: request.GET.get(name, "") for name in ("state", "code", "error")},
            now=clock.now(),
        )
    except PlatformError as error:
        response = _back(request, error)
    else:
        if isinstance(done, AccountChoice):
            response = redirect("connection-choose", choice_id=done.pk)
        else:
            response = _connected(request, done)
    response.delete_cookie(cookie, path=COOKIE_PATH)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONNECTIONS)
def choose(request: HttpRequest, choice_id: UUID) -> HttpResponse:
    now, actor_id = clock.now(), request.user.pk
    choice = choice_of(choice_id, actor_id=actor_id, now=now)
    if request.method == "POST":
        account_id = request.POST.get("account", "")
        try:
            done = account_choose(
                choice_id=choice_id, account_id=account_id, actor_id=actor_id, now=now
            )
        except PlatformError as error:
            return _back(request, error)
        return _connected(request, done)
    context = {"choice": choice, "provider": PROVIDERS[choice.provider]}
    return render(request, "connections/choose.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONNECTIONS)
def token(request: HttpRequest, provider: str) -> HttpResponse:
    try:
        known = provider_for_token(provider, request.tenant.tier)
    except PlatformError as error:
        return _back(request, error)
    form = TokenForm(known, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _count(request)
            done = token_connect(
                provider=known,
                fields=form.cleaned_data,
                actor_id=request.user.pk,
                now=clock.now(),
            )
            return _connected(request, done)
        except TokenFieldWrong as error:
            form.add_error(error.field, said(error))
        except PlatformError as error:
            form.add_error(None, said(error))
    context = {"form": form, "provider": known, "help": gettext(known.token_help)}
    return render(request, "connections/token.html", context, status=400 if form.errors else 200)


@never_cache
@require_POST
@requires(Permission.CONNECTIONS)
def connection_test(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    row = connection_of(connection_id)
    try:
        _count(request)
        connection_try(connection=row, now=clock.now())
    except PlatformError as error:
        return _back(request, error)
    works = gettext("%(provider)s answers. Everything is fine.")
    messages.success(request, works % {"provider": PROVIDERS[row.provider].label})
    return redirect("connections")


@never_cache
@require_POST
@requires(Permission.CONNECTIONS, when_read_only=True)
def disconnect(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    row = connection_disconnect(
        connection_id=connection_id, actor_id=request.user.pk, now=clock.now()
    )
    gone = gettext("%(provider)s is disconnected. We have forgotten its keys.")
    messages.success(request, gone % {"provider": PROVIDERS[row.provider].label})
    return redirect("connections")


def _connected(request: HttpRequest, row: Any) -> HttpResponse:
    text = gettext("%(account)s is connected.")
    name = row.account_name or PROVIDERS[row.provider].label
    messages.success(request, text % {"account": name})
    return redirect("connections")


def _back(request: HttpRequest, error: PlatformError) -> HttpResponse:
    messages.error(request, said(error))
    return redirect("connections")


def _count(request: HttpRequest) -> None:
    """Each try is a call at a provider. Raises LimitReached."""
    limit_per_hour(TRIES, request.tenant.pk.hex, TRIES_AN_HOUR)
