"""Who works in a workspace, over the API. Handing the business over is a person's own act."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_platform.api.errors import PermissionMissing
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, OutsideFailure
from marketing_platform.core.text import mark as _
from marketing_platform.people.models import INVITED_AS, Invitation
from marketing_platform.people.selectors import open_invitations
from marketing_platform.people.services import (
    invitation_make,
    invitation_send,
    invitation_withdraw,
    member_remove,
    role_change,
)
from marketing_platform.users.models import Membership
from marketing_platform.users.permissions import Permission, Role, allowed
from marketing_platform.users.phones import phone_parse
from marketing_platform.users.selectors import membership_by_user_id

ROLES = [role.value for role in Role]
GIVEN = [role.value for role in INVITED_AS]
CURL = '\n\n```\ncurl {0} -H "Authorization: Bearer $API_KEY"\n```'


def place_of(request: Request) -> Membership:
    """Whose rank counts: the signed-in person's, or that of who made the key.

    Raises PermissionMissing when that person may not manage people here any more.
    """
    plain = request._request
    if plain.api_key is None:
        return plain.membership
    place = membership_by_user_id(plain.api_key.created_by_id, plain.tenant)
    if place is None or not allowed(place.role, Permission.TEAM):
        raise PermissionMissing
    return place


class PersonOutput(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(source="user")
    contact = serializers.SerializerMethodField(help_text="The number in E.164, or the e-mail.")
    role = serializers.ChoiceField(choices=ROLES)
    since = serializers.DateTimeField(source="created_at")

    class Meta:
        ref_name = "Person"

    def get_contact(self, row: Membership) -> str:
        return row.user.phone or row.user.email or ""


class InvitationOutput(serializers.Serializer):
    id = serializers.UUIDField()
    contact = serializers.CharField(source="destination")
    role = serializers.ChoiceField(choices=GIVEN)
    invited_by = serializers.CharField(source="invited_by_name", allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Invitation"


PERSON = {
    "id": 7,
    "name": "Ravi Deshpande",
    "contact": "+919999900012",
    "role": "staff",
    "since": "2026-11-20T06:30:00Z",
}
INVITATION = {
    "id": "5f0c5a4e-0d0a-4c0e-9f6e-2f2f6d3a1b22",
    "contact": "+919999900012",
    "role": "staff",
    "invited_by": "Asha Kulkarni",
    "created_at": "2026-11-20T06:30:00Z",
    "expires_at": "2026-11-27T06:30:00Z",
}


def example(value: dict[str, Any], *, is_asked: bool = False) -> list[OpenApiExample]:
    return [
        OpenApiExample("An example", value=value, response_only=not is_asked, request_only=is_asked)
    ]


class PeopleView(WorkspaceAPIView):
    permission = Permission.READ

    class Output(serializers.Serializer):
        people = PersonOutput(many=True)

        class Meta:
            ref_name = "People"

    @extend_schema(
        operation_id="people",
        summary="Who works here",
        description="Longest here first." + CURL.format('"$WORKSPACE_URL/api/people"'),
        responses={200: Output},
        examples=example({"people": [PERSON]}),
    )
    def get(self, request: Request) -> Response:
        rows = Membership.objects.select_related("user").order_by("created_at", "pk")
        return Response(self.Output({"people": rows}).data)


class PersonView(WorkspaceAPIView):
    permission = Permission.TEAM

    class Input(serializers.Serializer):
        role = serializers.ChoiceField(choices=GIVEN)

        class Meta:
            ref_name = "PersonChange"

    @extend_schema(
        operation_id="person_change",
        summary="Change somebody's role",
        description="To a role below your own, or below that of who made the key. The owner's is "
        "changed by handing the business over, on the page “Team”."
        + CURL.format(
            '-X PATCH "$WORKSPACE_URL/api/people/7" -d \'{"role": "viewer"}\' '
            '-H "Content-Type: application/json"'
        ),
        request=Input,
        responses={200: PersonOutput},
        examples=[*example(PERSON), *example({"role": "viewer"}, is_asked=True)],
    )
    def patch(self, request: Request, membership_id: int) -> Response:
        given = self.parse(self.Input, request)
        row = role_change(
            tenant=request._request.tenant,
            membership_id=membership_id,
            role=given["role"],
            by=place_of(request),
            now=clock.now(),
        )
        return Response(PersonOutput(row).data)

    @extend_schema(
        operation_id="person_remove",
        summary="Remove somebody",
        description="Out at once, and signed out on every device."
        + CURL.format('-X DELETE "$WORKSPACE_URL/api/people/7"'),
        responses={204: None},
    )
    def delete(self, request: Request, membership_id: int) -> Response:
        member_remove(
            tenant=request._request.tenant,
            membership_id=membership_id,
            by=place_of(request),
            now=clock.now(),
        )
        return Response(status=204)


class InvitationsView(WorkspaceAPIView):
    permission = Permission.TEAM

    class Input(serializers.Serializer):
        phone = serializers.CharField(required=False, max_length=24)
        email = serializers.EmailField(required=False, max_length=254)
        role = serializers.ChoiceField(choices=GIVEN)

        class Meta:
            ref_name = "InvitationNew"

    class Output(serializers.Serializer):
        invitations = InvitationOutput(many=True)

        class Meta:
            ref_name = "Invitations"

    class Made(InvitationOutput):
        url = serializers.URLField(help_text="Shown only here. It works once, for seven days.")
        is_sent = serializers.BooleanField(help_text="False: give them the link yourself.")

        class Meta:
            ref_name = "InvitationMade"

    @extend_schema(
        operation_id="invitations",
        summary="Who is invited",
        description="Open invitations, newest first."
        + CURL.format('"$WORKSPACE_URL/api/people/invitations"'),
        responses={200: Output},
        examples=example({"invitations": [INVITATION]}),
    )
    def get(self, request: Request) -> Response:
        rows = open_invitations(request._request.tenant, clock.now())
        return Response(self.Output({"invitations": rows}).data)

    @extend_schema(
        operation_id="invitation_make",
        summary="Invite somebody",
        description="By `phone` or `email`. An earlier open invitation of theirs stops working. "
        "Refused with `quota_reached` when the plan has no more places."
        + CURL.format(
            '-X POST "$WORKSPACE_URL/api/people/invitations" '
            '-d \'{"phone": "99999 00012", "role": "staff"}\' -H "Content-Type: application/json"'
        ),
        request=Input,
        responses={201: Made},
        examples=[
            *example(
                {**INVITATION, "url": "https://app.example/join/Zm9v/", "is_sent": True},
            ),
            *example({"phone": "99999 00012", "role": "staff"}, is_asked=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.parse(self.Input, request)
        if ("phone" in given) == ("email" in given):
            raise InvalidInput(_("Send either a phone or an e-mail."), field="phone")
        row, url = invitation_make(
            tenant=request._request.tenant,
            by=place_of(request),
            role=given["role"],
            phone=phone_parse(given["phone"]) if "phone" in given else "",
            email=given.get("email", "").lower(),
            now=clock.now(),
        )
        shown = InvitationOutput(row).data
        return Response({**shown, "url": url, "is_sent": self._sent(request, row, url)}, status=201)

    def _sent(self, request: Request, row: Invitation, url: str) -> bool:
        try:
            language = request._request.tenant.language
            invitation_send(invitation=row, url=url, language=language)
        except OutsideFailure:
            return False
        return True


class InvitationView(WorkspaceAPIView):
    permission = Permission.TEAM

    @extend_schema(
        operation_id="invitation_withdraw",
        summary="Withdraw an invitation",
        description="Its link stops working."
        + CURL.format('-X DELETE "$WORKSPACE_URL/api/people/invitations/$INVITATION"'),
        responses={204: None},
    )
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        invitation_withdraw(
            tenant=request._request.tenant,
            invitation_id=invitation_id,
            by=place_of(request),
            now=clock.now(),
        )
        return Response(status=204)
