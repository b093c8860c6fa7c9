"""How every way of signing in ends, once the first proof (a code or a password) was right."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketing_platform.users.handoff import safe_next
from marketing_platform.users.models import User
from marketing_platform.users.sessions import session_start


def finish_sign_in(request: HttpRequest, user: User, next_path: str) -> HttpResponse:
    """Start the session and go on."""
    session_start(request, user)
    return redirect(safe_next(next_path))
