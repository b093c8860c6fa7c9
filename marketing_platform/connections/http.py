"""The client with which features speak to a provider on behalf of one connected account."""

from datetime import timedelta
from typing import Any

from django.db.models import Q

from marketing_platform.connections.calling import READS, exchange
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection, ConnectionState
from marketing_platform.connections.pace import answer_noted, call_counted
from marketing_platform.connections.providers import PROVIDERS, base_url
from marketing_platform.connections.refreshing import secrets_of, token_alive
from marketing_platform.connections.services import connection_needs_sign_in
from marketing_platform.core import clock
from marketing_platform.tenants.guard import require_acting, schema_of

__all__ = ["ProviderClient", "client_for"]
# A page says "worked 3 minutes ago"; not every call needs a row written.
NOTED_EVERY = timedelta(minutes=5)


class ProviderClient:
    """Calls of one connection. Answers are the provider's JSON objects; a list comes as
    {"data": [...]}, an empty answer as {}.

    `path` is relative to the base, which holds the version ("/me/accounts"). Adds Authorization,
    renews an expired token once, bounds time and size. A call that writes is sent once and never
    again by itself. Raises ProviderFailure; see its `outcome`. Safe for one thread.
    """

    def __init__(self, connection: Connection):
        self.connection = connection
        self.provider = PROVIDERS[connection.provider]

    def get(self, path: str, **parts: Any) -> dict[str, Any]:
        return self._request("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> dict[str, Any]:
        return self._request("POST", path, **parts)

    def put(self, path: str, **parts: Any) -> dict[str, Any]:
        return self._request("PUT", path, **parts)

    def patch(self, path: str, **parts: Any) -> dict[str, Any]:
        return self._request("PATCH", path, **parts)

    def delete(self, path: str, **parts: Any) -> dict[str, Any]:
        return self._request("DELETE", path, **parts)

    def url_of(self, path: str, base: str = "main") -> str:
        return base_url(self.provider, base, self.connection.details) + "/" + path.lstrip("/")

    def _request(
        self, method: str, path: str, *, base: str = "main", headers: Any = None, **parts: Any
    ) -> dict[str, Any]:
        require_acting(self.connection, schema_of(self.connection))
        secrets = token_alive(self.connection, now=clock.now())
        try:
            return self._send(method, self.url_of(path, base), secrets, headers, parts)
        except ProviderFailure as failure:
            if failure.kind != "needs_sign_in":
                raise
            return self._after_refusal(failure, method, path, base, secrets, headers, parts)

    def _after_refusal(
        self,
        failure: ProviderFailure,
        method: str,
        path: str,
        base: str,
        secrets: dict[str, Any],
        headers: Any,
        parts: dict[str, Any],
    ) -> dict[str, Any]:
        """The token was turned down: renew it; a question is asked again, a write is not."""
        if not self._may_renew(secrets):
            self._ended(failure, secrets)
            raise failure
        fresh = token_alive(self.connection, now=clock.now(), refused=secrets["access_token"])
        if method not in READS:
            raise ProviderFailure(
                "unreachable",
                provider=self.provider.label,
                code=failure.code,
                http_status=failure.http_status,
                retry_after=1.0,
            ) from failure
        try:
            return self._send(method, self.url_of(path, base), fresh, headers, parts)
        except ProviderFailure as again:
            if again.kind == "needs_sign_in":
                self._ended(again, fresh)
            raise

    def _send(
        self, method: str, url: str, secrets: dict[str, Any], headers: Any, parts: dict[str, Any]
    ) -> dict[str, Any]:
        call_counted(self.provider)
        answer = exchange(
            self.provider,
            method,
            url,
            secrets=[value for value in secrets.values() if isinstance(value, str)],
            on_headers=lambda found: answer_noted(self.provider, found),
            headers={**(headers or {}), "Authorization": f"Bearer {secrets['access_token']}"},
            **parts,
        )
        self._worked()
        return answer if isinstance(answer, dict) else {"data": answer}

    def _may_renew(self, secrets: dict[str, Any]) -> bool:
        kind = self.provider.refresh
        return kind == "client_credentials" or (
            kind == "refresh_token" and bool(secrets.get("refresh_token"))
        )

    def _ended(self, failure: ProviderFailure, used: dict[str, Any]) -> None:
        row = Connection.objects.filter(pk=self.connection.pk).first()
        if row is None or secrets_of(row) != used:
            # The owner signed in again while this call was on its way.
            return
        connection_needs_sign_in(
            connection_id=self.connection.pk, sentence=failure.sentence, now=clock.now()
        )

    def _worked(self) -> None:
        now = clock.now()
        last = self.connection.last_ok_at
        if last is not None and now - last < NOTED_EVERY and not self.connection.failure_sentence:
            return
        Connection.objects.filter(
            Q(last_ok_at=None) | Q(last_ok_at__lt=now), pk=self.connection.pk
        ).exclude(state=ConnectionState.NEEDS_SIGN_IN).update(
            last_ok_at=now, failure_sentence="", failure_params={}, failed_at=None
        )
        self.connection.last_ok_at, self.connection.failure_sentence = now, ""


def client_for(connection: Connection | None) -> ProviderClient:
    """Raises ProviderFailure (needs_sign_in) for an account that is no longer connected."""
    usable = (ConnectionState.CONNECTED, ConnectionState.PAUSED)
    if connection is None or connection.state not in usable:
        label = PROVIDERS[connection.provider].label if connection else ""
        raise ProviderFailure("needs_sign_in", provider=label)
    return ProviderClient(connection)
