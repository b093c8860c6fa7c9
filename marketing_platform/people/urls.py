"""The API of who works in a workspace; its page is the dashboard's, under settings/team/."""

from django.urls import path

from marketing_platform.people import api

api_urlpatterns = [
    path("people", api.PeopleView.as_view(), name="api-people"),
    path("people/invitations", api.InvitationsView.as_view(), name="api-invitations"),
    path(
        "people/invitations/<uuid:invitation_id>",
        api.InvitationView.as_view(),
        name="api-invitation",
    ),
    path("people/<int:membership_id>", api.PersonView.as_view(), name="api-person"),
]
