"""Meta's Graph API on loopback: sign-in, Facebook Pages, Instagram, WhatsApp.

    python tests/twins/meta.py --port 8891

Look at what is live: /live/facebook/<page>, /live/instagram/<id>. Faults: see twin_server, and
    app_usage        percent in x-app-usage, until set to 0
    ig_blocked       media_publish applies, then answers 4/2207051
    refuse_post      the page's feed refuses with 368 (too fast), nothing happened
Source: Graph API v26.0 reference and "Handling errors". Page 100200300400 has the Instagram account
178000000000001; its token is page-token-100200300400. The
WhatsApp number 500600700800 has whatsapp-token-500600700800.
"""

import html
import importlib.util
import json
import os
import secrets
import time
from typing import Any

import meta_instagram
from pictures import NotFetched, fetch, is_picture
from twin_server import Page, Refusal, Request, Twin, main, page, redirect

V = r"/v\d+\.\d+"
PAGES = {
    "100200300400": ("Asha Sweets", "178000000000001", "ashasweets.example"),
    "100200300401": ("Asha Sweets Baner", "178000000000002", "ashasweets.baner.example"),
}
NUMBERS = {"500600700800": ("+91 99999 00001", "Asha Sweets")}
SCOPES = (
    "pages_show_list,pages_manage_posts,pages_read_engagement,"
    "instagram_basic,instagram_content_publish"
)
LARGEST_PHOTO = 4 * 1024 * 1024
MOST_PHOTOS = 10


def refusal(
    code: int, message: str, *, subcode: int = 0, status: int = 400, kind: str = "OAuthException"
) -> Refusal:
    """An error in the documented shape."""
    error: dict[str, Any] = {"message": message, "type": kind, "code": code}
    if subcode:
        error["error_subcode"] = subcode
    return Refusal(status, {"error": {**error, "fbtrace_id": secrets.token_hex(6)}})


class Meta(Twin):
    fault_names = ("app_usage", "ig_blocked", "refuse_post")

    def __init__(self) -> None:
        super().__init__()
        self.app_secret = os.environ.get("META_APP_SECRET", "")
        self.webhook_secret = self.app_secret
        self.webhook_url = os.environ.get("META_WEBHOOK_URL", "")
        if importlib.util.find_spec("meta_whatsapp"):
            importlib.import_module("meta_whatsapp").mount(self)
        self._routes()
        meta_instagram.mount(self)
        self.route("GET", rf"{V}/(?P<id>[\w.]+)", self.node)

    def reset(self) -> None:
        super().reset()
        self.codes: dict[str, dict[str, Any]] = {}
        self.photos: dict[str, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.next_number = 1000
        # token → what it opens
        self.tokens: dict[str, dict[str, Any]] = {
            f"page-token-{each}": {"page": each} for each in PAGES
        }
        self.tokens |= {f"whatsapp-token-{each}": {"number": each} for each in NUMBERS}

    def number(self) -> str:
        self.next_number += 1
        return str(self.next_number)

    def _routes(self) -> None:
        self.route("GET", rf"{V}/dialog/oauth", self.dialog, is_open=True)
        self.route("POST", r"/dialog/answer", self.dialog_answer, is_open=True)
        self.route("GET", rf"{V}/oauth/access_token", self.access_token, is_open=True)
        self.route("POST", rf"{V}/oauth/access_token", self.access_token, is_open=True)
        self.route("GET", rf"{V}/me/accounts", self.accounts)
        self.route("GET", rf"{V}/me/permissions", self.permissions)
        self.route("POST", rf"{V}/(?P<page>\d+)/photos", self.photo, is_writing=True)
        self.route("POST", rf"{V}/(?P<page>\d+)/feed", self.post, is_writing=True)
        for name in ("feed", "posts", "published_posts"):
            self.route("GET", rf"{V}/(?P<page>\d+)/{name}", self.feed)
        self.route("GET", r"/live/facebook/(?P<page>\d+)", self.live, is_open=True)
        self.route("GET", r"/picture/(?P<id>\d+)", self.picture, is_open=True)

    # --- how it refuses

    def check_token(self, request: Request) -> None:
        token = request.token or request.fields.get("access_token", "")
        known = self.tokens.get(token)
        if known is None:
            raise refusal(190, "Invalid OAuth access token.", status=401)
        wanted = request.parts.get("page")
        if wanted and known.get("page") != wanted:
            raise refusal(200, "The token is not of this page.", status=403)

    def refuse_token(self) -> Refusal:
        return refusal(190, "Error validating access token: it expired.", subcode=463, status=401)

    def refuse_rate(self) -> Refusal:
        refused = refusal(4, "Application request limit reached", status=403)
        usage = {"call_count": 100, "estimated_time_to_regain_access": 3}
        refused.headers = {"x-business-use-case-usage": json.dumps({"1": [usage]})}
        return refused

    def refuse_away(self, status: int) -> Refusal:
        if status == 503:
            return Refusal(503, {"error": {"message": "Service unavailable", "code": 2}})
        return refusal(1, "An unknown error occurred", status=500)

    def refuse_unknown(self) -> Refusal:
        return refusal(100, "Unsupported request: no such object", subcode=33)

    def answer_headers(self, request: Request) -> dict[str, str]:
        used = self.faults.values.get("app_usage") or 3
        counted = {"call_count": used, "total_time": 1, "total_cputime": 1}
        return {"x-app-usage": json.dumps(counted)}

    # --- signing in

    def dialog(self, request: Request) -> Page:
        given = {name: request.query.get(name, "") for name in ("redirect_uri", "state", "scope")}
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in given.items()
        )
        return page(
            "Sandbox: sign in with Facebook",
            "<p>This page stands in for Facebook. Nothing leaves this computer.</p>"
            f'<form method="post" action="/dialog/answer">{fields}'
            '<p><button name="answer" value="allow">Allow</button></p>'
            '<p><button name="answer" value="both">Allow for both pages</button></p>'
            '<p><button name="answer" value="deny">Not now</button></p></form>',
        )

    def dialog_answer(self, request: Request) -> Page:
        back, state = request.form.get("redirect_uri", ""), request.form.get("state", "")
        answer = request.form.get("answer", "")
        if answer == "deny":
            return redirect(back, error="access_denied", error_reason="user_denied", state=state)
        code = secrets.token_urlsafe(24)
        pages = list(PAGES) if answer == "both" else list(PAGES)[:1]
        scope = request.form.get("scope") or SCOPES
        self.codes[code] = {"pages": pages, "scope": scope, "redirect_uri": back}
        return redirect(back, code=code, state=state)

    def access_token(self, request: Request) -> dict[str, Any]:
        fields = request.fields
        if self.app_secret and fields.get("client_secret") != self.app_secret:
            raise refusal(1, "Error validating client secret.")
        if fields.get("grant_type") == "fb_exchange_token":
            held = self.tokens.get(fields.get("fb_exchange_token", ""))
            if held is None:
                raise self.refuse_token()
            return self._token(held, 60 * 86_400)
        known = self.codes.pop(fields.get("code", ""), None)
        if known is None:
            raise refusal(100, "This authorization code has been used.", subcode=36009)
        if known["redirect_uri"] != fields.get("redirect_uri"):
            raise refusal(100, "redirect_uri is not the one of the dialog.", subcode=36008)
        return self._token({"pages": known["pages"], "scope": known["scope"]}, 5_183_944)

    def _token(self, opens: dict[str, Any], seconds: int) -> dict[str, Any]:
        token = f"user-token-{secrets.token_hex(12)}"
        self.tokens[token] = opens
        return {"access_token": token, "token_type": "bearer", "expires_in": seconds}

    def accounts(self, request: Request) -> dict[str, Any]:
        pages = self.tokens[request.token].get("pages", [])
        listed = [{**self._page(each), "access_token": f"page-token-{each}"} for each in pages]
        return {"data": listed, "paging": {"cursors": {"before": "a", "after": "z"}}}

    def permissions(self, request: Request) -> dict[str, Any]:
        scopes = self.tokens[request.token].get("scope", SCOPES).split(",")
        return {"data": [{"permission": each, "status": "granted"} for each in scopes if each]}

    # --- pages

    def _page(self, number: str) -> dict[str, Any]:
        name, instagram, username = PAGES[number]
        account = {"id": instagram, "username": username}
        return {"id": number, "name": name, "instagram_business_account": account}

    def photo(self, request: Request) -> dict[str, Any]:
        try:
            raw = fetch(str(request.fields.get("url", "")))
        except NotFetched as error:
            message = f"Missing or invalid image file ({error})"
            raise refusal(324, message, subcode=2069019) from None
        if not is_picture(raw) or len(raw) > LARGEST_PHOTO:
            raise refusal(1, "Photos should be smaller than 4 MB.", subcode=1366046)
        number = self.number()
        is_hidden = str(request.fields.get("published", "true")).lower() == "false"
        self.photos[number] = {"page": request.parts["page"], "raw": raw, "hidden": is_hidden}
        self.record(
            "facebook.photo", page=request.parts["page"], id=number, published=not is_hidden
        )
        return {"id": number}

    def post(self, request: Request) -> dict[str, Any]:
        fields, number = request.fields, request.parts["page"]
        if self.faults.take("refuse_post", request.path):
            raise refusal(368, "The action attempted has been deemed abusive.", subcode=1390008)
        photos = [each.get("media_fbid", "") for each in _listed(fields.get("attached_media"))]
        message, link = str(fields.get("message", "")), str(fields.get("link", ""))
        if not (message or link or photos):
            raise refusal(100, "(#100) Missing message or attachment", kind="GraphMethodException")
        if len(photos) > MOST_PHOTOS or any(each not in self.photos for each in photos):
            raise refusal(100, "(#100) Invalid parameter: attached_media")
        post = {
            "id": f"{number}_{self.number()}",
            "page": number,
            "message": message,
            "link": link,
            "photos": photos,
            "created": time.time(),
        }
        self.posts.append(post)
        facts = {"page": number, "id": post["id"], "message": message, "photos": photos}
        self.record("facebook.post", **facts)
        return {"id": post["id"]}

    def feed(self, request: Request) -> dict[str, Any]:
        since = float(request.query.get("since") or 0)
        most = min(int(request.query.get("limit") or 25), 100)
        mine = [
            each
            for each in reversed(self.posts)
            if each["page"] == request.parts["page"] and int(each["created"]) >= int(since)
        ]
        return {"data": [self._post(each, request.base_url) for each in mine[:most]], "paging": {}}

    def _post(self, post: dict[str, Any], base: str) -> dict[str, Any]:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(post["created"]))
        media = [
            {"media_type": "photo", "target": {"id": each}, "type": "photo"}
            for each in post["photos"]
        ]
        attached = [{"subattachments": {"data": media}, "type": "album"}] if media[1:] else media
        return {
            "id": post["id"],
            "message": post["message"],
            "created_time": stamp,
            "permalink_url": f"{base}/live/facebook/{post['page']}#{post['id']}",
            **({"attachments": {"data": attached}} if media else {}),
        }

    def node(self, request: Request) -> dict[str, Any]:
        """One object by its id."""
        wanted = request.parts["id"]
        if wanted == "me":
            return {"id": "10001", "name": "Asha Kulkarni"}
        if wanted in PAGES:
            return self._page(wanted)
        if wanted in NUMBERS:
            phone, name = NUMBERS[wanted]
            facts = {"display_phone_number": phone, "verified_name": name}
            return {"id": wanted, **facts, "quality_rating": "GREEN"}
        for post in self.posts:
            if post["id"] == wanted:
                return self._post(post, request.base_url)
        found = meta_instagram.node(self, wanted, request)
        if found is not None:
            return found
        raise self.refuse_unknown()

    # --- what the customers see

    def live(self, request: Request) -> Page:
        number = request.parts["page"]
        if number not in PAGES:
            raise self.refuse_unknown()
        shown = [
            f'<article id="{post["id"]}"><p>{_lines(post["message"])}</p>'
            + "".join(f'<img src="/picture/{each}" alt="">' for each in post["photos"])
            + "</article>"
            for post in reversed(self.posts)
            if post["page"] == number
        ]
        title = f"{PAGES[number][0]} on Facebook (sandbox)"
        return page(title, "".join(shown) or '<p class="quiet">Nothing is live yet.</p>')

    def picture(self, request: Request) -> Page:
        found = self.photos.get(request.parts["id"])
        if found is None:
            raise self.refuse_unknown()
        is_jpeg = found["raw"][:2] == b"\xff\xd8"
        return Page(found["raw"], content_type="image/jpeg" if is_jpeg else "image/png")


def _listed(found: Any) -> list[dict[str, Any]]:
    """A parameter that is a list of objects, as JSON or as JSON text."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            return []
    rows = found if isinstance(found, list) else []
    return [json.loads(row) if isinstance(row, str) else row for row in rows]


def _lines(text: str) -> str:
    return "<br>".join(html.escape(text).splitlines())


if __name__ == "__main__":
    main("Meta", Meta, 8891)
