"""Starting and ending sessions; a session belongs to one host and one generation."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.db.models import F
from django.http import HttpRequest

from marketing_platform.core import clock
from marketing_platform.users.devices_signed_in import session_note
from marketing_platform.users.models import User
from marketing_platform.users.recent import SIGNED_IN_AT

GENERATION, HOST, WIZARD, CHOSEN_LANGUAGE = "generation", "host", "sign_up", "language"
BACKEND = "marketing_platform.users.backends.WorkspaceBackend"


def session_start(
    request: HttpRequest, user: User, *, family: str = "", proved_at: int = 0
) -> None:
    """A fresh session id, bound to this host; an unfinished sign-up is carried over.

    `family`: that of the session on the public host from which this one comes. A language that
    was chosen here before signing in becomes the person's. `proved_at`: when that session's
    person last proved who they are, in seconds; now, when this is the proof.
    """
    wizard = request.session.get(WIZARD)
    language = request.session.get(CHOSEN_LANGUAGE)
    if language and language != user.language:
        user.language = language
        User.objects.filter(pk=user.pk).update(language=language)
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[GENERATION] = user.session_generation
    request.session[HOST] = _host(request)
    request.session[SIGNED_IN_AT] = proved_at or int(clock.now().timestamp())
    session_note(request, user, family=family, now=clock.now())
    # Read by SessionBindingMiddleware: this browser and its language are the person's.
    request.signed_in_now = user
    if user.is_staff:
        request.session.set_expiry(settings.STAFF_SESSION_HOURS * 3600)
    if wizard is not None:
        request.session[WIZARD] = wizard


def session_is_bound(request: HttpRequest, user: User) -> bool:
    """Whether this session is of this host and still of the person's present generation."""
    return request.session.get(GENERATION) == user.session_generation and request.session.get(
        HOST
    ) == _host(request)


def sessions_end(user: User) -> None:
    """End the sessions of every host: sign-out, removal, changed credentials."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)


def sessions_end_others(request: HttpRequest, user: User) -> None:
    """Credentials changed: every other session ends, this one goes on."""
    sessions_end(user)
    user.refresh_from_db(fields=["session_generation"])
    request.session[GENERATION] = user.session_generation


def session_end(request: HttpRequest) -> None:
    """Sign out here and everywhere."""
    if request.user.is_authenticated:
        sessions_end(request.user)
    logout(request)


def _host(request: HttpRequest) -> str:
    tenant = request.tenant
    return f"{request.host_kind}:{tenant.pk if tenant else ''}"
