from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.connections.models import Connection
from marketing_platform.connections.selectors import connections_all
from marketing_platform.users.permissions import Permission

STATES = ["connected", "needs_sign_in", "paused"]


class ConnectionOutput(serializers.Serializer):
    id = serializers.UUIDField()
    provider = serializers.CharField()
    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    connected_at = serializers.DateTimeField()
    last_ok_at = serializers.DateTimeField(allow_null=True)
    failure = serializers.CharField(allow_blank=True, help_text="Why it needs somebody.")

    class Meta:
        ref_name = "Connection"


class ConnectionsOutput(serializers.Serializer):
    results = ConnectionOutput(many=True)

    class Meta:
        ref_name = "Connections"


def shown(row: Connection) -> dict[str, Any]:
    text = gettext(row.failure_sentence) if row.failure_sentence else ""
    names = ("id", "provider", "account_id", "account_name", "state", "connected_at", "last_ok_at")
    facts = {name: getattr(row, name) for name in names}
    return {**facts, "failure": text % row.failure_params if row.failure_params else text}


EXAMPLE = OpenApiExample(
    "One account",
    value={
        "results": [
            {
                "id": "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10",
                "provider": "meta",
                "account_id": "100200300400",
                "account_name": "Asha Sweets",
                "state": "connected",
                "connected_at": "2026-11-20T09:30:00Z",
                "last_ok_at": "2026-11-22T11:05:00Z",
                "failure": "",
            }
        ]
    },
    response_only=True,
)


class ConnectionsView(WorkspaceAPIView):
    permission = Permission.CONNECTIONS

    @extend_schema(
        operation_id="connections",
        summary="Connected accounts and their health",
        description="At most one account of each provider, so there are no pages. Secrets are "
        'never shown.\n\n```\ncurl "$WORKSPACE_URL/api/connections" \\\n'
        '  -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: ConnectionsOutput},
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        rows = [shown(row) for row in connections_all()]
        return Response(ConnectionsOutput({"results": rows}).data)
