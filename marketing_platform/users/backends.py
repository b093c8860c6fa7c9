"""Who is signed in, what they are in the acting workspace and how it stands, in one statement."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import State
from marketing_platform.users.models import User
from marketing_platform.users.selectors import user_in_workspace


class WorkspaceBackend(ModelBackend):
    """Inside a workspace, the acting row is brought up to date with the person."""

    def get_user(self, user_id: Any) -> User | None:
        tenant = current_tenant()
        if tenant is None:
            return super().get_user(user_id)
        user = user_in_workspace(user_id, tenant)
        if user is None or not self.user_can_authenticate(user):
            return None
        for field, value in (user.fresh or {"state": State.ERASED}).items():
            setattr(tenant, field, value)
        return user
