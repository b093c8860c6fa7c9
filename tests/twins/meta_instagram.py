"""Instagram's part of the Graph API: containers, publishing, the quota.

Source: "Content publishing" and the "Error codes" of the Instagram platform. A container is read as
IN_PROGRESS once, then FINISHED; it dies after a day.
"""

import html
import secrets
import time
from typing import Any

from pictures import NotFetched, fetch, jpeg_size
from twin_server import Page, Refusal, Request, Twin, page

V = r"/v\d+\.\d+"
IG = r"(?P<account>178\d{12})"
LIFETIME = 24 * 3600
QUOTA = 50
LOWEST, HIGHEST = 0.8, 1.91
LARGEST = 8 * 1024 * 1024
ACCOUNTS = {"178000000000001": "100200300400", "178000000000002": "100200300401"}


def mount(twin: Twin) -> None:
    part = Instagram(twin)
    twin.instagram = part  # type: ignore[attr-defined]
    twin.on_reset.append(part.reset)
    twin.route("GET", rf"{V}/{IG}/content_publishing_limit", part.limit)
    twin.route("POST", rf"{V}/{IG}/media", part.create, is_writing=True)
    twin.route("POST", rf"{V}/{IG}/media_publish", part.publish, is_writing=True)
    twin.route("GET", rf"{V}/{IG}/media", part.listed)
    twin.route("GET", rf"/live/instagram/{IG}", part.live, is_open=True)


def node(twin: Any, wanted: str, request: Request) -> dict[str, Any] | None:
    return twin.instagram.node(wanted, request)


class Instagram:
    def __init__(self, twin: Any):
        self.twin = twin
        self.reset()

    def reset(self) -> None:
        self.containers: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}

    def _checked(self, request: Request) -> str:
        """The account, if the token's page has it."""
        account = request.parts["account"]
        opens = self.twin.tokens.get(request.token, {})
        if ACCOUNTS.get(account) != opens.get("page"):
            raise _refusal(10, "The token has no access to this account.", status=403)
        return account

    def _used(self, account: str) -> int:
        day_ago = time.time() - LIFETIME
        mine = [each for each in self.media.values() if each["account"] == account]
        return len([each for each in mine if each["created"] > day_ago])

    def limit(self, request: Request) -> dict[str, Any]:
        account = self._checked(request)
        config = {"quota_total": QUOTA, "quota_duration": 86_400}
        return {"data": [{"quota_usage": self._used(account), "config": config}]}

    def create(self, request: Request) -> dict[str, Any]:
        account, fields = self._checked(request), request.fields
        caption = str(fields.get("caption", ""))
        if len(caption) > 2200 or caption.count("#") > 30:
            raise _refusal(36004, "The caption is too long.", subcode=2207010)
        raw = self._picture(str(fields.get("image_url", "")))
        number = self.twin.number()
        self.containers[number] = {
            "account": account,
            "caption": caption,
            "raw": raw,
            "created": time.time(),
            "status": "IN_PROGRESS",
        }
        self.twin.record("instagram.container", account=account, id=number)
        return {"id": number}

    def _picture(self, url: str) -> bytes:
        try:
            raw = fetch(url)
        except NotFetched as error:
            message = f"The media could not be fetched from this URI ({error})."
            raise _refusal(9004, message, subcode=2207052) from None
        size = jpeg_size(raw)
        if size is None:
            raise _refusal(36001, "The image format is not supported.", subcode=2207005)
        if len(raw) > LARGEST:
            raise _refusal(36000, "The image is too large.", subcode=2207004)
        if not LOWEST <= size[0] / size[1] <= HIGHEST:
            raise _refusal(36003, "The aspect ratio is not supported.", subcode=2207009)
        return raw

    def publish(self, request: Request) -> dict[str, Any]:
        account = self._checked(request)
        container = self.containers.get(str(request.fields.get("creation_id", "")))
        if container is None or container["account"] != account:
            raise _refusal(24, "The media does not exist.", subcode=2207006)
        if self._status(container) == "EXPIRED":
            raise _refusal(24, "The container has expired.", subcode=2207008)
        if container["status"] != "FINISHED":
            raise _refusal(9007, "The media is not ready for publishing.", subcode=2207027)
        if self._used(account) >= QUOTA:
            raise _refusal(9, "Too many posts in a day.", subcode=2207042)
        container["status"], number = "PUBLISHED", f"179{self.twin.number()}"
        self.media[number] = {**container, "code": secrets.token_urlsafe(8), "created": time.time()}
        facts = {"account": account, "id": number, "caption": container["caption"]}
        self.twin.record("instagram.post", **facts)
        if self.twin.faults.take("ig_blocked", request.path):
            message = "We restrict certain activity to protect our community."
            raise _refusal(4, message, subcode=2207051, status=403)
        return {"id": number}

    def _status(self, container: dict[str, Any]) -> str:
        is_old = time.time() - container["created"] > LIFETIME
        if is_old and container["status"] != "PUBLISHED":
            container["status"] = "EXPIRED"
        return container["status"]

    def node(self, wanted: str, request: Request) -> dict[str, Any] | None:
        if wanted in self.containers:
            container = self.containers[wanted]
            status = self._status(container)
            if status == "IN_PROGRESS":
                container["status"] = "FINISHED"
            return {"id": wanted, "status_code": status, "status": f"{status.title()}: media"}
        if wanted in self.media:
            return self._shown(wanted, request.base_url)
        return {"id": wanted, "username": "ashasweets.example"} if wanted in ACCOUNTS else None

    def listed(self, request: Request) -> dict[str, Any]:
        account = self._checked(request)
        mine = [each for each in reversed(self.media) if self.media[each]["account"] == account]
        return {"data": [self._shown(each, request.base_url) for each in mine[:25]]}

    def _shown(self, number: str, base: str) -> dict[str, Any]:
        media = self.media[number]
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(media["created"]))
        return {
            "id": number,
            "caption": media["caption"],
            "timestamp": stamp,
            "permalink": f"{base}/live/instagram/{media['account']}#{media['code']}",
        }

    def live(self, request: Request) -> Page:
        account = request.parts["account"]
        shown = []
        for number, media in reversed(self.media.items()):
            if media["account"] == account:
                self.twin.photos[number] = {"raw": media["raw"]}
                text = "<br>".join(html.escape(media["caption"]).splitlines())
                shown.append(
                    f'<article id="{media["code"]}"><img src="/picture/{number}" alt="">'
                    f"<p>{text}</p></article>"
                )
        empty = '<p class="quiet">Nothing is live yet.</p>'
        return page("Instagram (sandbox)", "".join(shown) or empty)


def _refusal(code: int, message: str, *, subcode: int = 0, status: int = 400) -> Refusal:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error |= {"error_subcode": subcode, "error_user_msg": message}
    return Refusal(status, {"error": {**error, "fbtrace_id": secrets.token_hex(6)}})
