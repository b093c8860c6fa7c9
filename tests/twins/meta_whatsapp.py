"""WhatsApp's part of the Graph API: messages, templates, and the webhooks that follow.

Look at a customer's phone, and answer from it: /live/whatsapp/<number without +>. What happens to
templates and accounts at Meta: POST /_whatsapp {"template": name, "event": "REJECTED", "reason": …}
or {"template": name, "new_category": "MARKETING"}, {"preference": phone, "value": "stop"},
{"limit": 250}, {"inbound": phone, "text": …}.
Faults besides those of twin_server: "no_webhooks" (nothing is told), "all_in_one" (three statuses
in one webhook), "read_first" (the last status comes first), "without_contacts", "held" (held for a
quality check), "fail_with" (every message fails with this error number, until set to 0).
Source: WhatsApp Cloud API v26.0, "Messages", "Message templates", "Webhooks".
"""

import html
import re
import secrets
import time
from typing import Any

from twin_server import Page, Refusal, Request, page, redirect

V = r"/v\d+\.\d+"
NUMBER, ACCOUNT, SHOWN = "500600700800", "900800700600", "+91 20 2612 3456"
TOKEN = f"whatsapp-token-{NUMBER}"
DAY = 24 * 3600
FAULTS = ("no_webhooks", "all_in_one", "read_first", "without_contacts", "held", "fail_with")
VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def mount(twin: Any) -> None:
    part = WhatsApp(twin)
    twin.whatsapp = part
    twin.faults.names = (*twin.faults.names, *FAULTS)
    twin.on_reset.append(part.reset)
    twin.route("GET", rf"{V}/{NUMBER}", part.number)
    twin.route("GET", rf"{V}/{ACCOUNT}", part.account)
    twin.route("POST", rf"{V}/{NUMBER}/(messages|marketing_messages)", part.send, is_writing=True)
    twin.route("POST", rf"{V}/{ACCOUNT}/message_templates", part.create, is_writing=True)
    twin.route("GET", rf"{V}/{ACCOUNT}/message_templates", part.templates)
    twin.route("POST", r"/_whatsapp", part.happens, is_open=True)
    twin.route("GET", r"/live/whatsapp/(?P<phone>\d+)", part.live, is_open=True)
    twin.route("POST", r"/live/whatsapp/(?P<phone>\d+)", part.typed, is_open=True)


def refuse(code: int, message: str, status: int = 400) -> Refusal:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    details = {"messaging_product": "whatsapp", "details": message}
    trace = {"fbtrace_id": secrets.token_hex(6)}
    return Refusal(status, {"error": {**error, "error_data": details, **trace}})


class WhatsApp:
    def __init__(self, twin: Any):
        self.twin = twin
        self.reset()

    def reset(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.known: dict[tuple[str, str], dict[str, Any]] = {}
        self.inbound_at: dict[str, float] = {}
        self.twin.tokens[TOKEN] = {"whatsapp": NUMBER}

    # --- what is asked

    def number(self, _request: Request) -> dict[str, Any]:
        return {
            "id": NUMBER,
            "display_phone_number": SHOWN,
            "verified_name": "Asha Sweets",
            "quality_rating": "GREEN",
        }

    def account(self, _request: Request) -> dict[str, Any]:
        limit = {"whatsapp_business_manager_messaging_limit": "TIER_250"}
        return {"id": ACCOUNT, "name": "Asha Sweets", "message_template_limit": 250, **limit}

    def send(self, request: Request) -> dict[str, Any]:
        body = request.body
        phone = str(body.get("to") or body.get("recipient") or "").lstrip("+")
        if body.get("messaging_product") != "whatsapp" or not phone:
            raise refuse(100, "The parameter messaging_product or to is missing.")
        kind = body.get("type", "text")
        if kind == "template":
            text = self._template_text(body.get("template") or {})
        elif kind == "text":
            if time.time() - self.inbound_at.get(phone, 0) >= DAY:
                raise refuse(131047, "More than 24 hours have passed since the last reply.")
            text = str((body.get("text") or {}).get("body", ""))
        else:
            raise refuse(131051, "Unsupported message type.")
        wamid = f"wamid.{secrets.token_hex(12)}"
        sent = {"id": wamid, "to": phone, "kind": kind, "text": text, "at": time.time()}
        self.messages.append(sent)
        callback = body.get("biz_opaque_callback_data", "")
        self.twin.record("whatsapp.message", id=wamid, to=phone, text=text, callback=callback)
        self._tell(sent, callback)
        status = "held_for_quality_assessment" if self.twin.faults.take("held") else "accepted"
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": phone, "wa_id": phone}],
            "messages": [{"id": wamid, "message_status": status}],
        }

    def _template_text(self, asked: dict[str, Any]) -> str:
        language = (asked.get("language") or {}).get("code", "")
        known = self.known.get((asked.get("name", ""), language))
        if known is None:
            raise refuse(132001, "The template does not exist in this language.", 404)
        if known["status"] != "APPROVED":
            raise refuse(132015, "The template is paused or not approved.")
        given: dict[str, str] = {}
        for component in asked.get("components") or []:
            # Libraries write the kind in small or in capital letters.
            if str(component.get("type", "")).upper() in ("BODY", "HEADER"):
                for value in component.get("parameters", []):
                    given[value.get("parameter_name", "")] = value.get("text", "")
        parts = [each["text"] for each in known["components"] if each["type"] in ("HEADER", "BODY")]
        text = "\n\n".join(parts)
        if set(VARIABLE.findall(text)) != set(given):
            raise refuse(132000, "The number of parameters does not match.")
        return VARIABLE.sub(lambda found: given[found[1]], text)

    def create(self, request: Request) -> dict[str, Any]:
        body = request.body
        key = (str(body.get("name", "")), str(body.get("language", "")))
        if not re.fullmatch(r"[a-z0-9_]{1,512}", key[0]) or not body.get("components"):
            raise refuse(100, "Invalid parameter: name or components.")
        if key in self.known:
            raise refuse(2388023, "There is a template with this name and language already.")
        template = {
            "id": self.twin.number(),
            "name": key[0],
            "language": key[1],
            "category": body.get("category", "MARKETING"),
            "status": "PENDING",
            "components": body["components"],
        }
        self.known[key] = template
        facts = {"id": template["id"], "name": key[0], "language": key[1]}
        self.twin.record("whatsapp.template", **facts)
        return {name: template[name] for name in ("id", "status", "category")}

    def templates(self, request: Request) -> dict[str, Any]:
        name = request.query.get("name", "")
        rows = [each for each in self.known.values() if name in ("", each["name"])]
        return {"data": rows, "paging": {"cursors": {"before": "a", "after": "z"}}}

    # --- what is told

    def _tell(self, sent: dict[str, Any], callback: str) -> None:
        faults, failure = self.twin.faults, self.twin.faults.values.get("fail_with")
        if faults.take("no_webhooks"):
            return
        kinds = ["failed"] if failure else ["sent", "delivered", "read"]
        statuses = [self._status(sent, kind, callback, failure) for kind in kinds]
        if faults.take("read_first"):
            statuses.reverse()
        if faults.take("all_in_one"):
            self._send("messages", {"statuses": statuses})
            return
        for status in statuses:
            self._send("messages", {"statuses": [status]})

    def _status(
        self, sent: dict[str, Any], kind: str, callback: str, failure: Any
    ) -> dict[str, Any]:
        status = {
            "id": sent["id"],
            "status": kind,
            "timestamp": str(int(sent["at"])),
            "recipient_id": sent["to"],
            **({"biz_opaque_callback_data": callback} if callback else {}),
        }
        if kind == "failed":
            return {**status, "errors": [{"code": failure, "title": "It failed"}]}
        is_template = sent["kind"] == "template"
        pricing = {
            "billable": is_template,
            "pricing_model": "PMP",
            "category": "marketing" if is_template else "service",
            "type": "regular" if is_template else "free_customer_service",
        }
        return {**status, "pricing": pricing}

    def _send(self, field: str, value: dict[str, Any]) -> None:
        metadata = {"display_phone_number": SHOWN, "phone_number_id": NUMBER}
        if field in ("messages", "user_preferences"):
            value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        change = {"field": field, "value": value}
        entry = [{"id": ACCOUNT, "changes": [change]}]
        self.twin.webhook_send({"object": "whatsapp_business_account", "entry": entry})

    def happens(self, request: Request) -> dict[str, Any]:
        asked = request.body
        if "template" in asked:
            self._template_happens(asked)
        elif "preference" in asked:
            row = {"wa_id": asked["preference"], "category": "marketing_messages"}
            row |= {"value": asked["value"], "timestamp": int(time.time())}
            self._send("user_preferences", {"user_preferences": [row]})
        elif "limit" in asked:
            value = {"max_daily_conversations_per_business": asked["limit"]}
            self._send("business_capability_update", value)
        elif "inbound" in asked:
            self.says(str(asked["inbound"]), str(asked.get("text", "")))
        else:
            raise Refusal(422, {"error": "unknown"})
        return {"told": True}

    def _template_happens(self, asked: dict[str, Any]) -> None:
        for known in [each for each in self.known.values() if each["name"] == asked["template"]]:
            named = {
                "message_template_id": int(known["id"]),
                "message_template_name": known["name"],
                "message_template_language": known["language"],
            }
            if "new_category" in asked:
                before, known["category"] = known["category"], asked["new_category"]
                value = {"previous_category": before, "new_category": asked["new_category"]}
                self._send("template_category_update", {**named, **value})
                continue
            known["status"] = asked["event"]
            value = {"event": asked["event"], "reason": asked.get("reason", "NONE")}
            self._send("message_template_status_update", {**named, **value})

    def says(self, phone: str, text: str, name: str = "Meena") -> None:
        """The customer writes."""
        self.inbound_at[phone] = time.time()
        wamid = f"wamid.{secrets.token_hex(12)}"
        self.messages.append({"id": wamid, "from": phone, "text": text, "at": time.time()})
        message = {"from": phone, "id": wamid, "timestamp": str(int(time.time())), "type": "text"}
        value: dict[str, Any] = {"messages": [{**message, "text": {"body": text}}]}
        if not self.twin.faults.take("without_contacts"):
            value["contacts"] = [{"profile": {"name": name}, "wa_id": phone}]
        self._send("messages", value)

    # --- the customer's phone

    def live(self, request: Request) -> Page:
        phone = request.parts["phone"]
        shown = "".join(
            f"<article><p><b>{'You' if 'from' in each else 'Asha Sweets'}</b></p>"
            f"<p>{'<br>'.join(html.escape(each['text']).splitlines())}</p></article>"
            for each in self.messages
            if phone in (each.get("to"), each.get("from"))
        )
        form = (
            f'<form method="post" action="/live/whatsapp/{phone}">'
            '<p><label for="text">Write to the shop (STOP ends promotional messages)</label></p>'
            '<p><input id="text" name="text" required maxlength="1000"></p>'
            "<p><button>Send</button></p></form>"
        )
        empty = '<p class="quiet">No messages yet.</p>'
        return page(f"WhatsApp of +{phone} (sandbox)", (shown or empty) + form)

    def typed(self, request: Request) -> Page:
        phone = request.parts["phone"]
        self.says(phone, request.form.get("text", "")[:1000])
        return redirect(f"/live/whatsapp/{phone}")
