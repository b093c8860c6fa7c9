"""The development inbox: codes and mails that a real sender would deliver."""

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from marketing_platform.messaging.models import OutgoingMessage

CODE = re.compile(r"\b\d{6}\b")
LINK = re.compile(r"https?://\S+")


@never_cache
def development_inbox(request: HttpRequest) -> HttpResponse:
    if not settings.SHOW_DEVELOPMENT_INBOX:
        raise Http404
    entries = [_entry(row) for row in OutgoingMessage.objects.all()[:100]]
    return render(request, "messaging/inbox.html", {"entries": entries, "is_simple": True})


def _entry(row: OutgoingMessage) -> dict[str, Any]:
    code = CODE.search(row.text) if row.kind == "code" else None
    link = LINK.search(row.text)
    return {
        "sent_at": row.sent_at,
        "channel": "sms" if row.to_phone else "email",
        "to": row.to_phone or row.to_email,
        "subject": row.subject,
        "text": row.text,
        "code": code.group() if code else None,
        "link": link.group() if link else None,
    }
