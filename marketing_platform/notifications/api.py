from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.notifications.selectors import notices_for
from marketing_platform.users.permissions import Permission


class NotificationsView(WorkspaceAPIView):
    permission = Permission.READ

    class Output(serializers.Serializer):
        class Notice(serializers.Serializer):
            id = serializers.IntegerField()
            kind = serializers.CharField()
            title = serializers.CharField()
            text = serializers.CharField(allow_blank=True)
            url = serializers.CharField(allow_blank=True, help_text="A path of the workspace.")
            created_at = serializers.DateTimeField()
            is_new = serializers.BooleanField()

            class Meta:
                ref_name = "Notice"

        notifications = Notice(many=True)

        class Meta:
            ref_name = "Notifications"

    @extend_schema(
        operation_id="notifications",
        summary="What people here should know",
        description="The latest 50, newest first.\n\n```\n"
        'curl "$WORKSPACE_URL/api/notifications" -H "Authorization: Bearer $API_KEY"\n```',
        responses={200: Output},
        examples=[
            OpenApiExample(
                "One notice",
                value={
                    "notifications": [
                        {
                            "id": 12,
                            "kind": "connection",
                            "title": "Facebook needs you to sign in again",
                            "text": "Posts wait until then.",
                            "url": "/settings/connections/",
                            "created_at": "2026-11-22T09:30:00Z",
                            "is_new": True,
                        }
                    ]
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        reader = getattr(request.user, "pk", None) or request._request.tenant.pk
        return Response(self.Output({"notifications": notices_for(reader)}).data)
