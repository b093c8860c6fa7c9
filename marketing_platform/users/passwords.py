"""Comparing passwords without telling whether an account exists."""

from functools import cache

from django.contrib.auth.hashers import check_password, make_password

from marketing_platform.users.models import User


def password_is_right(user: User | None, password: str) -> bool:
    """Whether it is the person's password; nobody's takes the same time to refuse."""
    is_right = check_password(password, user.password if user else _nobodys_password())
    return is_right and user is not None and user.has_usable_password()


@cache
def _nobodys_password() -> str:
    return make_password("no such account")
