"""Local posts (v4): PROCESSING when made, LIVE (or REJECTED) when looked at again."""

import copy
import html
import time
from typing import Any

from pictures import NotFetched, fetch, is_picture
from twin_server import Refusal, Request, Twin

PARENT = r"accounts/3001/locations/(?P<location>\d+)"
ACTIONS = {"BOOK", "ORDER", "SHOP", "LEARN_MORE", "SIGN_UP", "CALL"}
LONGEST = 1500


def mount(twin: Twin) -> None:
    part = Posts(twin)
    posts = rf"/v4/{PARENT}/localPosts"
    twin.route("GET", posts, part.listed)
    twin.route("POST", posts, part.create, is_writing=True)
    twin.route("GET", rf"{posts}/(?P<post>\w+)", part.one)
    twin.route("DELETE", rf"{posts}/(?P<post>\w+)", part.delete, is_writing=True)


def _bad(message: str) -> Refusal:
    error = {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": []}
    return Refusal(400, {"error": error})


class Posts:
    def __init__(self, twin: Any):
        self.twin = twin

    def create(self, request: Request) -> dict[str, Any]:
        body, location = request.body, request.parts["location"]
        _check(body)
        for media in body.get("media", []):
            _check_media(media)
        number = f"p{len(self.twin.posts) + 1:04d}"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        post = {
            **{name: body[name] for name in KEPT if name in body},
            "name": f"accounts/3001/locations/{location}/localPosts/{number}",
            "state": "PROCESSING",
            "createTime": stamp,
            "updateTime": stamp,
            "searchUrl": f"{request.base_url}/live/google/{location}#{number}",
        }
        if post["topicType"] == "OFFER":
            post.pop("callToAction", None)
        self.twin.posts.append(post)
        self.twin.record("google.post", location=location, id=number, summary=body.get("summary"))
        return copy.deepcopy(post)

    def listed(self, request: Request) -> dict[str, Any]:
        mine = [each for each in reversed(self.twin.posts) if self._is_of(each, request)]
        size = min(int(request.query.get("pageSize") or 20), 100)
        start = int(request.query.get("pageToken") or 0)
        for post in mine:
            self._settle(post)
        answer: dict[str, Any] = {}
        if mine:
            answer["localPosts"] = mine[start : start + size]
        if start + size < len(mine):
            answer["nextPageToken"] = str(start + size)
        return copy.deepcopy(answer)

    def one(self, request: Request) -> dict[str, Any]:
        post = self._find(request)
        self._settle(post)
        return copy.deepcopy(post)

    def delete(self, request: Request) -> dict[str, Any]:
        self.twin.posts.remove(self._find(request))
        self.twin.record("google.post_deleted", id=request.parts["post"])
        return {}

    def _is_of(self, post: dict[str, Any], request: Request) -> bool:
        return f"/locations/{request.parts['location']}/" in post["name"]

    def _find(self, request: Request) -> dict[str, Any]:
        for post in self.twin.posts:
            if self._is_of(post, request) and post["name"].endswith(f"/{request.parts['post']}"):
                return post
        raise self.twin.refuse_unknown()

    def _settle(self, post: dict[str, Any]) -> None:
        if post["state"] == "PROCESSING":
            is_refused = self.twin.faults.take("post_rejected")
            post["state"] = "REJECTED" if is_refused else "LIVE"


KEPT = ("languageCode", "summary", "topicType", "callToAction", "event", "offer", "media")


def _check(body: dict[str, Any]) -> None:
    topic = body.get("topicType")
    if topic not in {"STANDARD", "EVENT", "OFFER"}:
        raise _bad("topicType must be STANDARD, EVENT or OFFER.")
    if len(str(body.get("summary", ""))) > LONGEST:
        raise _bad(f"summary must not exceed {LONGEST} characters.")
    if not body.get("summary") and not body.get("media"):
        raise _bad("summary is required.")
    if topic in {"EVENT", "OFFER"}:
        event = body.get("event") or {}
        schedule = event.get("schedule") or {}
        if not (event.get("title") and schedule.get("startDate") and schedule.get("endDate")):
            raise _bad("event with title and schedule is required for EVENT and OFFER.")
    action = body.get("callToAction")
    if action and topic != "OFFER":
        kind = action.get("actionType")
        if kind not in ACTIONS or (kind == "CALL") == bool(action.get("url")):
            raise _bad("callToAction needs a known actionType, and a url unless it is CALL.")


def _check_media(media: dict[str, Any]) -> None:
    if media.get("mediaFormat") != "PHOTO":
        raise _bad("media.mediaFormat must be PHOTO.")
    try:
        raw = fetch(str(media.get("sourceUrl", "")))
    except NotFetched as error:
        raise _bad(f"Could not fetch media from sourceUrl ({error}).") from None
    if not is_picture(raw):
        raise _bad("media must be a JPEG or PNG.")


def posts_html(twin: Any, location: str) -> str:
    shown = []
    for post in reversed(twin.posts):
        if f"/locations/{location}/" not in post["name"] or post["state"] == "REJECTED":
            continue
        urls = [html.escape(each["sourceUrl"]) for each in post.get("media", [])]
        text = "<br>".join(html.escape(post.get("summary", "")).splitlines())
        pictures = "".join(f'<img src="{url}" alt="">' for url in urls)
        anchor = post["name"].rpartition("/")[2]
        shown.append(f'<article id="{anchor}">{pictures}<p>{text}</p></article>')
    return "".join(shown) or '<p class="quiet">Nothing is live yet.</p>'
