"""The three things that leave for WhatsApp; each once (marketing_platform.effects)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from local.automation.whatsapp.engine.states import moves
from local.automation.whatsapp.engine.window import next_waking
from local.automation.whatsapp.models import (
    CampaignRecipient,
    ChatMessage,
    Conversation,
    DeliveryStatus,
)
from local.automation.whatsapp.selectors.campaigns import template_of
from local.automation.whatsapp.selectors.chat import window_of
from local.automation.whatsapp.services.chat import (
    TOO_LATE,
    reply_asked,
    reply_refused,
    reply_settled,
)
from local.automation.whatsapp.services.content import components_for, text_for
from local.automation.whatsapp.services.inbound import conversation_with
from local.automation.whatsapp.services.outcomes import (
    recipient_asked,
    recipient_settled,
    remedy_apply,
)
from local.automation.whatsapp.services.sending import (
    Refusal,
    recipient_claim,
    recipient_refused,
    recipient_unclaim,
    refusal_of,
)
from local.automation.whatsapp.services.templates import payload_of, template_settled
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import Committed, EffectHandler, Verdict, effect_kind
from marketing_platform.effects.services import effect_cancel, effect_change
from marketing_platform.effects.states import State

PROVIDER, NAME = "whatsapp", "WhatsApp"
# Meta's word comes by webhook; after a quarter of an hour a person is asked.
LOOKS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=10))
# A refusal of ours in the last moment: prepared again soon, where the reason is written down.
SOON = 30.0


# Kinds after which nobody tries again.
FINAL = frozenset({"rejected", "not_found"})


def code_of(failure: ProviderFailure) -> int | None:
    """Meta's number, whatever came as one."""
    return failure.code if isinstance(failure.code, int) else None


def details_of(effect: Effect) -> dict[str, Any]:
    account = Connection.objects.filter(pk=effect.connection_id).first()
    return account.details if account else {}


def messages_path(effect: Effect) -> str:
    number = details_of(effect).get("phone_number_id") or effect.account_id
    return f"/{number}/messages"


def message_body(effect: Effect, *, phone: str, user_id: str, **content: Any) -> dict[str, Any]:
    """The common part; `biz_opaque_callback_data` comes back with every status."""
    to = {"to": phone.lstrip("+")} if phone else {"recipient": user_id}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to,
        "biz_opaque_callback_data": str(effect.pk),
        **content,
    }


def taken(answer: dict[str, Any]) -> Committed:
    """Meta's id of the message. An answer without one leaves the outcome unknown."""
    messages = answer.get("messages") if isinstance(answer, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else {}
    wamid = first.get("id") if isinstance(first, dict) else None
    if not isinstance(wamid, str) or not wamid:
        raise ProviderFailure("server", provider=NAME, outcome="unknown")
    status = first.get("message_status")
    return Committed(wamid, {"message_status": status} if isinstance(status, str) else {})


def _not_now(sentence: str) -> ProviderFailure:
    """A refusal of our own, in our words: nothing was asked of WhatsApp."""
    failure = ProviderFailure("rate_limited", provider=NAME, retry_after=SOON)
    failure.sentence, failure.params = sentence, {}
    return failure


def told_before(effect: Effect) -> str:
    """How far a message is that WhatsApp has taken: its news may come before its answer."""
    state = "accepted"
    told = DeliveryStatus.objects.filter(callback=str(effect.pk)).order_by("id")
    for status in told.values_list("status", flat=True):
        state = status if moves(state, status) else state
    return state


def told_by_webhook(effect: Effect) -> Verdict:
    """A status that carries our effect's id proves that it went out."""
    row = DeliveryStatus.objects.filter(callback=str(effect.pk)).order_by("id").first()
    return Verdict.CONFIRMED(row.wamid) if row else Verdict.STILL_UNKNOWN


@effect_kind("whatsapp.campaign_message")
class CampaignMessage(EffectHandler):
    provider = PROVIDER
    label = _("A WhatsApp message of a campaign")
    done_words = _("WhatsApp took it")
    freshness = None
    verify_waits = LOOKS
    resends = False
    may_go_again = False

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        """Take back what may not go, while nothing has begun."""
        now = clock.now()
        recipient = self._recipient(effect)
        refusal = refusal_of(recipient, now) if recipient else Refusal(_("It is not planned."))
        if refusal is None:
            return {}
        if refusal.then == "wait" and next_waking(now) < effect.expires_at:
            effect_change(effect_id=effect.pk, due_at=next_waking(now), now=now)
            return {}
        if recipient is not None:
            recipient_refused(recipient_id=recipient.pk, refusal=refusal, now=now)
        effect_cancel(effect_id=effect.pk, sentence=refusal.sentence, now=now)
        return {}

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        now = clock.now()
        claimed = recipient_claim(recipient_id=effect.payload["recipient_id"], now=now)
        if isinstance(claimed, Refusal):
            recipient_refused(recipient_id=effect.payload["recipient_id"], refusal=claimed, now=now)
            raise _not_now(claimed.sentence)
        try:
            answer = client.post(messages_path(effect), json=self._body(effect, claimed))
        except ProviderFailure as failure:
            self._failed(claimed, failure)
            raise
        committed = taken(answer)
        self._bubble(effect, claimed, committed)
        return committed

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        return told_by_webhook(effect)

    def settled(self, effect: Effect) -> None:
        recipient_settled(effect, now=clock.now())

    def asks(self, effect: Effect) -> None:
        recipient_asked(effect, now=clock.now())

    def _recipient(self, effect: Effect) -> CampaignRecipient | None:
        rows = CampaignRecipient.objects.select_related("campaign__template", "customer")
        return rows.filter(pk=effect.payload["recipient_id"], effect_id=effect.pk).first()

    def _body(self, effect: Effect, claimed: CampaignRecipient) -> dict[str, Any]:
        campaign, customer = claimed.campaign, claimed.customer
        template = {
            "name": campaign.template.name,
            "language": {"code": campaign.template.language},
            "components": components_for(campaign, customer),
        }
        return message_body(
            effect,
            phone=customer.phone or "",
            user_id=customer.bsuid or "",
            type="template",
            template=template,
        )

    def _failed(self, claimed: CampaignRecipient, failure: ProviderFailure) -> None:
        now = clock.now()
        if failure.outcome != "unknown" and failure.kind not in FINAL:
            recipient_unclaim(recipient_id=claimed.pk, now=now)
        code = code_of(failure)
        if code is not None:
            CampaignRecipient.objects.filter(pk=claimed.pk).update(error_code=code)
            claimed.refresh_from_db()
            remedy_apply(code=code, recipient=claimed, now=now)

    def _bubble(self, effect: Effect, claimed: CampaignRecipient, committed: Committed) -> None:
        """The message as it stands in the conversation; a status may have come before it."""
        customer, now = claimed.customer, clock.now()
        talk = conversation_with(
            phone=customer.phone or "", user_id=customer.bsuid or "", name=customer.name, now=now
        )
        ChatMessage.objects.get_or_create(
            effect_id=effect.pk,
            defaults={
                "conversation": talk,
                "is_inbound": False,
                "is_campaign": True,
                "wamid": committed.remote_id,
                "kind": "template",
                "text": text_for(claimed.campaign, customer)[:4096],
                "state": told_before(effect),
                "happened_at": now,
            },
        )


@effect_kind("whatsapp.reply")
class Reply(EffectHandler):
    provider = PROVIDER
    label = _("A WhatsApp answer")
    done_words = _("WhatsApp took it")
    freshness = None
    verify_waits = LOOKS
    resends = False

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        talk = Conversation.objects.filter(pk=UUID(effect.payload["conversation_id"])).first()
        if talk is None or not window_of(talk, clock.now()).is_open:
            ChatMessage.objects.filter(effect_id=effect.pk).update(reason=TOO_LATE)
            effect_cancel(effect_id=effect.pk, sentence=TOO_LATE, now=clock.now())
            return {}
        return message_body(
            effect,
            phone=talk.phone,
            user_id=talk.user_id,
            type="text",
            text={"body": effect.payload["text"], "preview_url": False},
        )

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        try:
            return taken(client.post(messages_path(effect), json=effect.prepared))
        except ProviderFailure as failure:
            if failure.kind in FINAL:
                reply_refused(effect, code_of(failure))
            raise

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        return told_by_webhook(effect)

    def settled(self, effect: Effect) -> None:
        reply_settled(effect)

    def asks(self, effect: Effect) -> None:
        reply_asked(effect)


@effect_kind("whatsapp.template_create")
class TemplateCreate(EffectHandler):
    provider = PROVIDER
    label = _("A WhatsApp message handed over for approval")
    done_words = _("Handed over")

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        return payload_of(template_of(effect.payload["template_id"]))

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        answer = client.post(self._path(effect), json=effect.prepared)
        remote_id = answer.get("id")
        if not remote_id:
            raise ProviderFailure("server", provider=NAME, outcome="unknown")
        return Committed(str(remote_id), {"status": str(answer.get("status", ""))})

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        """Names are unique at Meta: a template with ours and its language is this one."""
        wanted = effect.prepared or {}
        found = client.get(self._path(effect), params={"name": wanted.get("name", "")})
        for row in found.get("data", []):
            if (row.get("name"), row.get("language")) == (wanted["name"], wanted["language"]):
                return Verdict.CONFIRMED(str(row["id"]))
        return Verdict.NOT_APPLIED

    def settled(self, effect: Effect) -> None:
        is_taken = effect.state == State.CONFIRMED
        # In Meta's words, which say what is wrong.
        rejection = str(effect.failure_params.get("detail") or "")
        failed = "rejected" if effect.state == State.REJECTED else "draft"
        template_settled(
            template_id=effect.payload["template_id"],
            state=_state_of(effect) if is_taken else failed,
            remote_id=effect.remote_id if is_taken else "",
            rejection="" if is_taken else rejection,
            now=clock.now(),
        )

    def _path(self, effect: Effect) -> str:
        return f"/{details_of(effect).get('waba_id', '')}/message_templates"


def _state_of(effect: Effect) -> str:
    told = str(effect.answer.get("status", "")).lower()
    return told if told in ("approved", "rejected", "pending") else "pending"
