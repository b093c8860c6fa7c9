"""Who comes back with a workspace, and as whom."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from marketing_platform.operations.backup import workspace_backup
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.operations.backup.placing import Placing
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from tests.operations.backup.world import restore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Lost = Callable[[], AbstractContextManager[None]]


def test_who_is_gone_does_not_come_back_with_a_workspace_that_is_there(
    shop: Tenant, backup: Path, asha: User
) -> None:
    phone = asha.phone
    Membership.objects.filter(user=asha).delete()
    asha.delete()
    restore(backup)

    assert not User.objects.filter(phone=phone).exists()


def test_a_person_whose_row_is_not_put_back_is_not_made(
    shop: Tenant, backup: Path, lost_database: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row says what one here says: whoever was made for it is not kept."""
    insert = Placing._insert

    def there_already(self: Placing, model: Any, row: Any) -> Any:
        return None if model is Membership else insert(self, model, row)

    monkeypatch.setattr(Placing, "_insert", there_already)
    with lost_database():
        restore(backup)
        assert not User.objects.exists()


def test_one_whose_number_and_address_are_two_peoples_is_given_to_neither(
    shop: Tenant, folder: Path, asha: User, lost_database: Lost
) -> None:
    User.objects.filter(pk=asha.pk).update(email="asha@sweets.example")
    path = workspace_backup(shop, folder / "b.zip").path
    with lost_database():
        User.objects.create_user(phone=asha.phone, full_name="Has the number now")
        User.objects.create_user(email="asha@sweets.example", full_name="Has the address now")
        with pytest.raises(RestoreRefused, match="two people's here"):
            restore(path)

        assert not Membership.objects.exists()
        assert not Tenant.objects.exists()


def test_one_who_is_here_under_the_same_key_is_that_one_whoever_has_the_address(
    shop: Tenant, folder: Path, asha: User, lost_database: Lost
) -> None:
    User.objects.filter(pk=asha.pk).update(email="asha@sweets.example")
    path = workspace_backup(shop, folder / "b.zip").path
    with lost_database():
        User.objects.create_user(id=asha.pk, phone="+919800000077")
        User.objects.create_user(email="asha@sweets.example")
        restore(path)

        assert Membership.objects.get(tenant=shop).user_id == asha.pk
