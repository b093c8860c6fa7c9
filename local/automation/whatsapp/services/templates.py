"""Writing messages, handing them to WhatsApp for approval, and what it says about them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from local.automation.whatsapp.engine.filling import variables_of
from local.automation.whatsapp.engine.lint import Draft, lint
from local.automation.whatsapp.errors import (
    NotConnected,
    TemplateFaulty,
    TemplateFixed,
    TemplateNameTaken,
)
from local.automation.whatsapp.models import (
    Campaign,
    CampaignState,
    MessageTemplate,
    TemplateState,
)
from local.automation.whatsapp.models.templates import EDITABLE, USABLE
from local.automation.whatsapp.selectors.account import whatsapp_connection
from local.automation.whatsapp.selectors.campaigns import template_of
from local.automation.whatsapp.services.campaigns import forecast_anew
from local.automation.whatsapp.services.content import content_hash
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.effects.services import effect_plan
from marketing_platform.notifications.services import notify

SUBMIT_WITHIN = timedelta(hours=24)
USABLE_NOW = _("Campaigns may use it.")
SEE_PAGE = _("Campaigns cannot use it now: its page says what WhatsApp said.")
PAUSED = _("WhatsApp no longer lets this message go out. See the message's page.")
DEARER = _(
    "WhatsApp now counts this message as marketing, which costs more. Look at the new price and"
    " approve again."
)


def template_save(
    *,
    draft: Draft,
    title: str,
    now: datetime,
    template_id: int | None = None,
    actor_id: UUID | None = None,
) -> MessageTemplate:
    """Keep a message as a draft. Raises TemplateFaulty (with every finding), TemplateFixed for one
    that WhatsApp has, TemplateNameTaken, TemplateMissing.
    """
    found = lint(draft)
    if found:
        first = found[0]
        error = TemplateFaulty(first.sentence, field=first.field, **first.params)
        error.findings = found
        raise error
    facts = _facts(draft, title) | {"state": TemplateState.DRAFT, "state_at": now, "rejection": ""}
    try:
        with transaction.atomic():
            if template_id is None:
                return MessageTemplate.objects.create(created_at=now, actor_id=actor_id, **facts)
            rows = MessageTemplate.objects.filter(pk=template_id, state__in=EDITABLE)
            if not rows.update(**facts):
                template_of(template_id)
                raise TemplateFixed
            template = template_of(template_id)
            campaigns_void(template, now=now)
            return template
    except IntegrityError as error:
        raise TemplateNameTaken(field="title") from error


def _facts(draft: Draft, title: str) -> dict[str, Any]:
    return {
        "name": draft.name,
        "title": clean_line(title)[:80] or draft.name[:80],
        "language": draft.language,
        "category": draft.category,
        "body": draft.body,
        "header": draft.header,
        "footer": draft.footer,
        "buttons": [dict(each) for each in draft.buttons],
        "examples": dict(draft.examples),
    }


def draft_of(template: MessageTemplate) -> Draft:
    return Draft(
        name=template.name,
        language=template.language,
        category=template.category,
        body=template.body,
        header=template.header,
        footer=template.footer,
        buttons=template.buttons,
        examples=template.examples,
    )


def campaigns_void(template: MessageTemplate, *, now: datetime) -> None:
    """Its campaigns say something else now: what was approved must be approved again."""
    for campaign in Campaign.objects.select_for_update(of=("self",)).filter(
        template=template, state__in=("draft", "proposed", "approved", "sending", "paused")
    ):
        campaign.template = template
        campaign.content_hash = content_hash(campaign)
        campaign.forecast = forecast_anew(campaign, now)
        if campaign.content_hash != campaign.approved_hash and campaign.state != "draft":
            campaign.state = CampaignState.PROPOSED
        campaign.changed_at = now
        campaign.save(update_fields=["content_hash", "forecast", "state", "changed_at"])


def template_submit(
    *, template_id: int, now: datetime, actor_id: UUID | None = None
) -> MessageTemplate:
    """Hand a draft to WhatsApp. Raises NotConnected, TemplateFixed, TemplateMissing."""
    template = template_of(template_id)
    connection = whatsapp_connection()
    if connection is None:
        raise NotConnected
    with transaction.atomic():
        rows = MessageTemplate.objects.filter(pk=template.pk, state__in=EDITABLE)
        turn = template.submissions + 1
        if not rows.update(state=TemplateState.SENDING, state_at=now, submissions=turn):
            raise TemplateFixed
        effect_plan(
            kind="whatsapp.template_create",
            key=(str(template.pk), str(turn)),
            payload={"template_id": template.pk},
            due_at=now,
            expires_at=now + SUBMIT_WITHIN,
            connection=connection,
            subject=template.title,
            now=now,
        )
    template.refresh_from_db()
    return template


def payload_of(template: MessageTemplate) -> dict[str, Any]:
    """As POST /<waba>/message_templates takes it."""
    components: list[dict[str, Any]] = []
    if template.header:
        components.append(
            {"type": "HEADER", "format": "TEXT", "text": template.header}
            | _example("header_text_named_params", template.header, template.examples)
        )
    components.append(
        {"type": "BODY", "text": template.body}
        | _example("body_text_named_params", template.body, template.examples)
    )
    if template.footer:
        components.append({"type": "FOOTER", "text": template.footer})
    if template.buttons:
        components.append({"type": "BUTTONS", "buttons": _buttons(template.buttons)})
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category.upper(),
        "parameter_format": "NAMED",
        "components": components,
    }


def _example(key: str, text: str, examples: Mapping[str, str]) -> dict[str, Any]:
    named = [{"param_name": name, "example": examples[name]} for name in variables_of(text)]
    return {"example": {key: named}} if named else {}


def _buttons(buttons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for button in buttons:
        if button["kind"] == "url":
            found.append({"type": "URL", "text": button["text"], "url": button["url"]})
        elif button["kind"] == "copy_code":
            found.append({"type": "COPY_CODE", "example": button["code"]})
        else:
            found.append({"type": "QUICK_REPLY", "text": button["text"]})
    return found


def template_settled(
    *, template_id: int, state: str, now: datetime, remote_id: str = "", rejection: str = ""
) -> None:
    """What became of handing it over; WhatsApp's own word, if it came first, stands."""
    rows = MessageTemplate.objects.filter(pk=template_id)
    if remote_id:
        rows.update(remote_id=remote_id[:100])
    rows.filter(state=TemplateState.SENDING).update(
        state=state, state_at=now, rejection=rejection[:500]
    )


def template_told(
    *, remote_id: str, name: str, language: str, state: str, reason: str, now: datetime
) -> bool:
    """WhatsApp says what it thinks of a template. False when it is none of ours."""
    template = _named(remote_id, name, language)
    if template is None or state not in TemplateState.values:
        return False
    if template.state == state and template.rejection == reason:
        return True
    MessageTemplate.objects.filter(pk=template.pk).update(
        state=state, rejection=reason[:500], state_at=now
    )
    if state not in USABLE:
        campaigns_pause(template, PAUSED, now=now)
    notify(
        title=_("WhatsApp looked at “%(title)s”"),
        params={"title": template.title},
        text=USABLE_NOW if state in USABLE else SEE_PAGE,
        url=f"/chat/templates/{template.pk}/",
        kind="effect",
        now=now,
    )
    return True


@transaction.atomic
def template_moved(
    *, remote_id: str, name: str, language: str, category: str, now: datetime
) -> bool:
    """WhatsApp files a template under another category: its campaigns stop and are priced anew."""
    template = _named(remote_id, name, language)
    if template is None or template.category == category:
        return template is not None
    template.moved_from, template.category = template.category, category
    template.save(update_fields=["moved_from", "category"])
    running = Campaign.objects.filter(
        template=template, state__in=("approved", "sending", "paused")
    )
    ids = list(running.values_list("pk", flat=True))
    campaigns_void(template, now=now)
    Campaign.objects.filter(pk__in=ids).update(reason=DEARER)
    if ids:
        notify(
            title=_("“%(title)s” is paused: its price changed"),
            params={"title": template.title},
            text=DEARER,
            url="/chat/campaigns/",
            kind="effect",
            now=now,
        )
    return True


def campaigns_pause(template: MessageTemplate, sentence: str, *, now: datetime) -> None:
    Campaign.objects.filter(template=template, state__in=("approved", "sending"), way="api").update(
        state=CampaignState.PAUSED, reason=sentence[:300], changed_at=now
    )


def _named(remote_id: str, name: str, language: str) -> MessageTemplate | None:
    by_name = MessageTemplate.objects.filter(name=name, language=language).first()
    if by_name is not None or not remote_id:
        return by_name
    return MessageTemplate.objects.filter(remote_id=remote_id).first()
