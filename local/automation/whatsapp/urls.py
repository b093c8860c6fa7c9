from django.urls import path

from local.automation.whatsapp.api import (
    CampaignApproveView,
    CampaignProposeView,
    CampaignsView,
    CampaignView,
    ConversationsView,
)
from local.automation.whatsapp.views import account, by_hand, campaigns, chat, templates

HAND = "chat/campaigns/<uuid:campaign_id>/by-hand/"
urlpatterns = [
    path("chat/", chat.inbox, name="chat"),
    path("chat/<uuid:conversation_id>/", chat.conversation, name="local-conversation"),
    path("chat/<uuid:conversation_id>/reply/", chat.reply, name="local-reply"),
    path("chat/<uuid:conversation_id>/opt-out/", chat.opt_out, name="local-opt-out"),
    path("chat/answers/", chat.answers, name="local-answers"),
    path("chat/answers/add/", chat.answer_new, name="local-answer-add"),
    path("chat/answers/<int:answer_id>/remove/", chat.answer_remove, name="local-answer-remove"),
    path("chat/templates/", templates.templates, name="local-templates"),
    path("chat/templates/new/", templates.template_new, name="local-template-new"),
    path("chat/templates/add/", templates.template_add, name="local-template-add"),
    path("chat/templates/<int:template_id>/", templates.template_page, name="local-template"),
    path(
        "chat/templates/<int:template_id>/save/",
        templates.template_change,
        name="local-template-save",
    ),
    path(
        "chat/templates/<int:template_id>/submit/",
        templates.template_hand_over,
        name="local-template-submit",
    ),
    path("chat/limits/", account.limits, name="local-chat-limits"),
    path("chat/limits/cap/", account.cap_save, name="local-chat-cap"),
    path("chat/limits/rates/", account.rate_new, name="local-chat-rate-add"),
    path("chat/limits/start-again/", account.start_again, name="local-chat-start-again"),
    path("chat/campaigns/", campaigns.campaigns, name="local-campaigns"),
    path("chat/campaigns/new/", campaigns.campaign_new, name="local-campaign-new"),
    path(
        "chat/campaigns/new/<int:template_id>/", campaigns.campaign_add, name="local-campaign-add"
    ),
    path("chat/campaigns/<uuid:campaign_id>/", campaigns.campaign_page, name="local-campaign"),
    path(
        "chat/campaigns/<uuid:campaign_id>/edit/",
        campaigns.campaign_edit,
        name="local-campaign-edit",
    ),
    path(
        "chat/campaigns/<uuid:campaign_id>/save/",
        campaigns.campaign_change,
        name="local-campaign-save",
    ),
    path(
        "chat/campaigns/<uuid:campaign_id>/approve/",
        campaigns.approve,
        name="local-campaign-approve",
    ),
    path("chat/campaigns/<uuid:campaign_id>/pause/", campaigns.pause, name="local-campaign-pause"),
    path(
        "chat/campaigns/<uuid:campaign_id>/resume/", campaigns.resume, name="local-campaign-resume"
    ),
    path("chat/campaigns/<uuid:campaign_id>/stop/", campaigns.stop, name="local-campaign-stop"),
    path(HAND, by_hand.by_hand, name="local-campaign-hand"),
    path(f"{HAND}<int:recipient_id>/sent/", by_hand.sent, name="local-hand-sent"),
    path(f"{HAND}<int:recipient_id>/skip/", by_hand.skip, name="local-hand-skip"),
    path(f"{HAND}<int:recipient_id>/undo/", by_hand.undo, name="local-hand-undo"),
]
api_urlpatterns = [
    path("automation/whatsapp/campaigns", CampaignsView.as_view(), name="api-local-campaigns"),
    path(
        "automation/whatsapp/campaigns/propose",
        CampaignProposeView.as_view(),
        name="api-local-campaign-propose",
    ),
    path(
        "automation/whatsapp/campaigns/<uuid:campaign_id>",
        CampaignView.as_view(),
        name="api-local-campaign",
    ),
    path(
        "automation/whatsapp/campaigns/<uuid:campaign_id>/approve",
        CampaignApproveView.as_view(),
        name="api-local-campaign-approve",
    ),
    path(
        "automation/whatsapp/conversations",
        ConversationsView.as_view(),
        name="api-local-conversations",
    ),
]
