"""No public row of a workspace is forgotten by backups and erasures."""

import pytest

from marketing_platform.operations.backup import rows
from marketing_platform.operations.backup.errors import Undeclared
from marketing_platform.operations.backup.references import REFERENCES
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership


@pytest.fixture
def unread() -> None:
    rows.workspace_rows.cache_clear()


def test_every_public_model_with_a_tenant_says_what_becomes_of_it(unread: None) -> None:
    kept = rows.workspace_rows()

    assert kept[Membership] is Kept.ACCESS
    assert len(kept) >= 13


def test_one_that_says_nothing_is_named(unread: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Membership, "kept_as")

    with pytest.raises(Undeclared, match=r"users\.Membership"):
        rows.workspace_rows()


def test_what_they_refer_to_is_theirs_or_can_be_found_again_elsewhere() -> None:
    known = {*rows.workspace_rows(), *REFERENCES, Tenant}
    strange = {
        f"{model._meta.label}.{column}"
        for model in rows.workspace_rows()
        for column, target in rows.outward(model).items()
        if target not in known
    }

    assert strange == set()
