"""Who calls the API: a key, or on the workspace host a session."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from marketing_platform.api.errors import CsrfFailed, KeyMissing, KeyOfAnotherWorkspace
from marketing_platform.api.keys import key_of_request


class KeyOrSession(BaseAuthentication):
    """Sets request.api_key. On the public host the host middleware has found the key already."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        plain = request._request
        if plain.api_key is not None:
            return AnonymousUser(), plain.api_key
        key = key_of_request(plain)
        if key is not None:
            if key.tenant_id != plain.tenant.pk:
                raise KeyOfAnotherWorkspace
            plain.api_key = key
            return AnonymousUser(), key
        if not plain.user.is_authenticated:
            raise KeyMissing
        self._enforce_csrf(plain)
        return plain.user, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _enforce_csrf(self, request: Any) -> None:
        check = CSRFCheck(lambda _request: None)
        check.process_request(request)
        if check.process_view(request, None, (), {}):
            raise CsrfFailed
