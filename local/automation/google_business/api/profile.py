from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from local.automation.google_business.api.shared import actor_of, failure_of
from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.errors import HoursIncomplete
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import HOURS_STATES
from local.automation.google_business.selectors import hours_changes
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

MOST = 100
PROFILE_DESCRIPTION = """Whether Google is connected or the shop works by hand, what was read last,
how many reviews wait for an answer, and the next holiday without hours of its own.

```
curl "$WORKSPACE_URL/api/local/google/profile" -H "Authorization: Bearer $API_KEY"
```
"""
HOURS_DESCRIPTION = """Changes of single days' hours. POST sets one day: read, merged and written,
every other day untouched. A day that was changed on Google meanwhile ends as `conflict`.

```
curl -X POST "$WORKSPACE_URL/api/local/google/hours" \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -d '{"on": "2026-12-25", "opens": "10:00", "closes": "14:00"}'
```

Errors: 400 `hours_day_wrong`, `hours_incomplete` or `hours_alike`, 409 `hours_under_way` or
`regular_hours_missing`.
"""


class ProfileView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "local"

    class Output(serializers.Serializer):
        state = serializers.ChoiceField(choices=["connected", "by_hand"])
        title = serializers.CharField(allow_blank=True)
        read_at = serializers.DateTimeField(allow_null=True)
        average_rating = serializers.FloatField(allow_null=True)
        review_count = serializers.IntegerField(allow_null=True)
        review_link = serializers.CharField(allow_blank=True)
        to_answer = serializers.IntegerField()
        next_holiday = serializers.DateField(allow_null=True)
        conflicts = serializers.IntegerField()

        class Meta:
            ref_name = "GoogleProfile"

    @extend_schema(
        operation_id="local_google_profile",
        summary="The Google profile",
        description=PROFILE_DESCRIPTION,
        responses={200: Output},
        examples=[
            OpenApiExample(
                "By hand",
                value={
                    "state": "by_hand",
                    "title": "",
                    "read_at": None,
                    "average_rating": None,
                    "review_count": None,
                    "review_link": "",
                    "to_answer": 2,
                    "next_holiday": "2026-12-25",
                    "conflicts": 0,
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        shown = GMBAutomation().profile(today=clock.today())
        read, holiday = shown.read, shown.next_holiday
        answer = {
            "state": shown.state,
            "title": read.title if read else "",
            "read_at": read.read_at if read else None,
            "average_rating": read.average_rating if read else None,
            "review_count": read.review_count if read else None,
            "review_link": read.review_link if read else "",
            "to_answer": shown.to_answer,
            "next_holiday": holiday.date if holiday else None,
            "conflicts": shown.conflicts,
        }
        return Response(self.Output(answer).data)


class HoursView(WorkspaceAPIView):
    tier = "local"

    @property
    def permission(self) -> Permission:  # type: ignore[override]
        return Permission.READ if self.request.method == "GET" else Permission.APPROVE_SPEND

    class Input(serializers.Serializer):
        on = serializers.DateField()
        opens = serializers.TimeField(required=False, help_text="Left out with closes: closed.")
        closes = serializers.TimeField(required=False)

        class Meta:
            ref_name = "GoogleHoursInput"

    class Change(serializers.Serializer):
        id = serializers.IntegerField()
        on = serializers.DateField()
        is_closed = serializers.BooleanField()
        opens = serializers.TimeField(allow_null=True)
        closes = serializers.TimeField(allow_null=True)
        state = serializers.ChoiceField(choices=HOURS_STATES)
        found = serializers.ListField(
            child=serializers.CharField(), allow_null=True, help_text="What Google shows instead."
        )
        failure = serializers.SerializerMethodField()

        class Meta:
            ref_name = "GoogleHoursChange"

        def get_failure(self, change: Any) -> str:
            return failure_of(change)

    @extend_schema(
        operation_id="local_google_hours",
        summary="Hours of single days",
        description=HOURS_DESCRIPTION,
        responses={200: Change(many=True)},
    )
    def get(self, request: Request) -> Response:
        rows = hours_changes(clock.today())[:MOST]
        return Response(self.Change(rows, many=True).data)

    @extend_schema(
        operation_id="local_google_hours_set",
        summary="Set one day's hours",
        description=HOURS_DESCRIPTION,
        request=Input,
        responses={200: Change},
        examples=[
            OpenApiExample(
                "Half a day",
                value={"on": "2026-12-25", "opens": "10:00", "closes": "14:00"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        for name, other in (("opens", "closes"), ("closes", "opens")):
            if other in given and name not in given:
                raise HoursIncomplete(field=name)
        wanted = DayHours(given["on"], given.get("opens"), given.get("closes"))
        change = GMBAutomation().set_hours(wanted, now=clock.now(), actor_id=actor_of(request))
        return Response(self.Change(change).data)
