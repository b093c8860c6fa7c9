"""Comparing passwords without telling whether an account exists."""

from functools import cache

from django.contrib.auth.hashers import make_password


@cache
def no_password() -> str:
    """Compared against when there is no account, so that both answers take the same time."""
    return make_password("no such account")
