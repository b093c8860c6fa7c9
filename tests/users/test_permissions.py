import pytest

from marketing_platform.users.permissions import Permission, Role, allowed

P = Permission
EXPECTED = {
    Role.OWNER: set(P),
    Role.MANAGER: set(P) - {P.BILLING, P.CLOSE},
    Role.STAFF: {P.READ, P.WORK, P.APPROVE_POSTS},
    Role.BILLING: {P.READ, P.BILLING, P.EXPORT},
    Role.VIEWER: {P.READ},
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_exactly_what_the_table_says(role: Role) -> None:
    assert {p for p in P if allowed(role, p)} == EXPECTED[role]


@pytest.mark.parametrize("role", [None, "", "admin", "OWNER"])
def test_an_unknown_role_may_do_nothing(role: str | None) -> None:
    assert [p for p in P if allowed(role, p)] == []
