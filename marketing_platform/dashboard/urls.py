"""Pages of a workspace that both tiers share."""

from django.urls import path

from marketing_platform.dashboard import team, views

urlpatterns = [
    path("settings/", views.settings_home, name="settings"),
    path("settings/team/", team.team, name="team"),
    path("settings/team/leave/", team.team_leave, name="team_leave"),
    path(
        "settings/team/invitations/<uuid:invitation_id>/withdraw/",
        team.team_withdraw,
        name="team_withdraw",
    ),
    path("settings/team/<int:membership_id>/role/", team.team_role, name="team_role"),
    path("settings/team/<int:membership_id>/remove/", team.team_remove, name="team_remove"),
    path(
        "settings/team/<int:membership_id>/hand-over/",
        team.team_hand_over,
        name="team_hand_over",
    ),
    path("settings/team/take-back/", team.team_take_back, name="team_take_back"),
    path("settings/api-keys/", views.api_keys, name="api_keys"),
    path("settings/api-keys/<uuid:key_id>/revoke/", views.api_key_revoke, name="api_key_revoke"),
]
