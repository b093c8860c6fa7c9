"""What a campaign says to one person, and the hash that an approval names."""

import hashlib
import json
from datetime import UTC
from typing import Any

from local.automation.whatsapp.engine.filling import filled, one_line, variables_of
from local.automation.whatsapp.models import Campaign, MessageTemplate
from local.customers.models import Customer

# Filled for each person; every other variable is typed once for all.
NAME = "name"
VALUE_LENGTH = 200


def texts_of(template: MessageTemplate) -> tuple[str, ...]:
    return (
        template.header,
        template.body,
        *(str(button.get("url", "")) for button in template.buttons),
    )


def typed_variables(template: MessageTemplate) -> tuple[str, ...]:
    """The variables whose value the owner types; for `name` it stands in for a missing name."""
    return variables_of(*texts_of(template))


def values_for(campaign: Campaign, customer: Customer | None) -> dict[str, str]:
    """The values of all variables for one person."""
    values = {name: one_line(str(text)) for name, text in campaign.values.items()}
    name = one_line(customer.name).split(" ")[0] if customer is not None else ""
    return values | ({NAME: name} if name else {})


def text_for(campaign: Campaign, customer: Customer | None) -> str:
    """The whole message as one text, for a link to WhatsApp and for the conversation."""
    template = campaign.template
    values = values_for(campaign, customer)
    parts = [template.header, template.body, template.footer]
    for button in template.buttons:
        link = button.get("url") or button.get("code") or ""
        if link:
            parts.append(f"{button['text']}: {link}")
    return "\n\n".join(filled(part, values) for part in parts if part)


def components_for(campaign: Campaign, customer: Customer | None) -> list[dict[str, Any]]:
    """As POST /<number>/messages takes them for a template with named variables."""
    template, values = campaign.template, values_for(campaign, customer)
    components = [
        {"type": kind, "parameters": [_parameter(name, values) for name in variables_of(text)]}
        for kind, text in (("header", template.header), ("body", template.body))
        if variables_of(text)
    ]
    for place, button in enumerate(template.buttons):
        names = variables_of(str(button.get("url", "")))
        if button.get("kind") == "url" and names:
            value = {"type": "text", "text": values.get(names[0], "")}
            components.append(_button("url", place, value))
        if button.get("kind") == "copy_code":
            code = {"type": "coupon_code", "coupon_code": button["code"]}
            components.append(_button("copy_code", place, code))
    return components


def _parameter(name: str, values: dict[str, str]) -> dict[str, str]:
    return {"type": "text", "parameter_name": name, "text": values.get(name, "")}


def _button(kind: str, place: int, parameter: dict[str, str]) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": place, "parameters": [parameter]}


def content_hash(campaign: Campaign) -> str:
    """Of everything that an approval is about: words, price class, people, limits, time."""
    template = campaign.template
    facts = [
        *(template.name, template.language, template.category, template.header, template.body),
        *(template.footer, template.buttons, campaign.values, campaign.segment, campaign.way),
        *(campaign.cap_paise, campaign.cap_people),
        # The same moment, whatever zone it was typed or read in.
        *(at.astimezone(UTC).isoformat() for at in (campaign.starts_at, campaign.expires_at)),
    ]
    told = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
