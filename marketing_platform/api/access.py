"""The API's side of the permission table. Nothing is open by default."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from marketing_platform.api.errors import PermissionMissing, ReadOnlyWorkspace, ScopeMissing
from marketing_platform.tiers.contracts import entitlements_of
from marketing_platform.users.permissions import OPEN_WHEN_READ_ONLY, Permission, allowed
from marketing_platform.users.selectors import acting_membership


class Denied(BasePermission):
    """The default of every view that does not say otherwise."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class MayUseWorkspace(BasePermission):
    """A key with the scope, or a member whose role has the view's permission."""

    def has_permission(self, request: Request, view: Any) -> bool:
        permission: Permission = view.permission
        plain = request._request
        if plain.api_key is not None:
            needed = "read" if permission in {Permission.READ, Permission.EXPORT} else "write"
            if needed not in plain.api_key.scopes:
                raise ScopeMissing
        else:
            plain.membership = acting_membership(request.user, plain.tenant)
            if plain.membership is None or not allowed(plain.membership.role, permission):
                raise PermissionMissing
        plain.entitlements = entitlements_of(plain.tenant)
        if plain.entitlements.access == "none":
            raise ReadOnlyWorkspace
        if permission not in OPEN_WHEN_READ_ONLY and not plain.entitlements.may_write:
            raise ReadOnlyWorkspace
        return True
