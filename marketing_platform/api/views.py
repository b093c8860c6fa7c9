"""The base of every API view of a workspace."""

from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketing_platform.api.access import MayUseWorkspace
from marketing_platform.api.authentication import KeyOrSession
from marketing_platform.api.errors import TierMismatch
from marketing_platform.api.idempotency import answer_claim, answer_store
from marketing_platform.api.limits import limit_per_minute
from marketing_platform.api.models import RememberedAnswer
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.users.permissions import Permission


class WorkspaceAPIView(APIView):
    """One route of a workspace's API.

    Subclasses set `permission`, `tier` and serializers `Input`/`Output`, and implement methods that
    parse, call one service and answer.
    """

    permission: ClassVar[Permission] = Permission.READ
    tier: ClassVar[str | None] = None
    authentication_classes = [KeyOrSession]
    permission_classes = [MayUseWorkspace]
    _claim: RememberedAnswer | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        plain = request._request
        who = f"key:{plain.api_key.pk}" if plain.api_key else f"user:{plain.user.pk}"
        who = f"{plain.tenant.schema_name}:{who}"  # a person may belong to several workspaces
        limit_per_minute("API requests per minute", who, settings.API_REQUESTS_PER_MINUTE)
        if self.tier is not None and plain.tenant.tier != self.tier:
            raise TierMismatch(tier=plain.tenant.get_tier_display())
        claimed = answer_claim(request)
        if isinstance(claimed, Response):
            self._replay = claimed
            raise _Replay
        self._claim = claimed

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replay):
            return self._replay
        try:
            return super().handle_exception(exc)
        except Exception:
            self._release()
            raise

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if self._claim is not None:
            self._store(response)
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    def _store(self, response: Response) -> None:
        """An answer that cannot be kept leaves no claim behind, so that trying again can work."""
        try:
            answer_store(self._claim, response)
        except Exception:
            self._release()
            raise

    def _release(self) -> None:
        if self._claim is not None:
            self._claim.delete()
            self._claim = None

    def parse(
        self, serializer_class: type[serializers.Serializer], request: Request
    ) -> dict[str, Any]:
        """The body checked by `Input`; an unknown field is an error that names it."""
        body = request.data
        if not isinstance(body, dict):
            raise InvalidInput(_("Send a JSON object."), field="body")
        serializer = serializer_class(data=body, context={"request": request})
        unknown = sorted(set(body) - set(serializer.fields))
        if unknown:
            raise InvalidInput(
                _("Unknown field. Allowed: %(allowed)s."),
                field=unknown[0],
                allowed=", ".join(serializer.fields) or "none",
            )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class _Replay(Exception):
    """Carries control from `initial` to the stored answer."""
