"""Google's sign-in and Business Profile APIs on loopback.

    python tests/twins/google.py --port 8892

Look at what is live: /live/google/<location>. Faults: see twin_server, and
    invalid_grant      the token address says that the sign-in has ended
    no_refresh_token   signing in gives none, as without prompt=consent
    two_locations      the account shows two places
    post_rejected      a post that is made becomes REJECTED
POST /_seed/reviews {"starRating", "comment", "displayName"} adds a review; POST /_seed/location
{...} changes location 4001 as if somebody had edited it at Google.
Source: Business Profile APIs (v4 posts and reviews; v1 business information, performance).
"""

import copy
import html
import os
import secrets
import time
from typing import Any

import google_posts
import google_profile
from twin_server import Page, Refusal, Request, Twin, main, page, redirect

ACCOUNT = "accounts/3001"
LOCATIONS = ("4001", "4002")
TOKEN_SECONDS = 3599
PARENT = r"accounts/3001/locations/(?P<location>\d+)"
SEED_REVIEWS = (
    ("FIVE", "Best kaju katli in Pune. Fresh every time.", "Rohan P", 40),
    ("TWO", "Sweets are good but we waited 25 minutes on Saturday.", "Sneha K", 21),
    ("FOUR", "मोतीचूर के लड्डू बहुत अच्छे हैं, पार्किंग नहीं मिलती।", "Anil Joshi", 9),
    ("ONE", "Box was short by 50 g. Staff did not listen.", "Farah S", 3),
)
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Refusal:
    error = {"code": status, "message": message, "status": STATUS[status], "details": []}
    return Refusal(status, {"error": error}, headers)


def stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


class Google(Twin):
    fault_names = ("invalid_grant", "no_refresh_token", "two_locations", "post_rejected")

    def __init__(self) -> None:
        super().__init__()
        self.client_secret = os.environ.get("GOOGLE_CLIENT_SECRET", "")
        self._routes()
        google_profile.mount(self)
        google_posts.mount(self)

    def reset(self) -> None:
        super().reset()
        self.codes: dict[str, dict[str, str]] = {}
        # token → when it ends
        self.tokens: dict[str, float] = {"google-token-4001": time.time() + 86_400}
        self.refresh_tokens = {"google-refresh-4001"}
        self.places = {each: google_profile.new_place(each) for each in LOCATIONS}
        self.posts: list[dict[str, Any]] = []
        self.edits: list[float] = []
        self.reviews: list[dict[str, Any]] = []
        for stars, comment, name, days in SEED_REVIEWS:
            self.review_add(stars, comment, name, time.time() - days * 86_400)

    def review_add(self, stars: str, comment: str, name: str, at: float) -> dict[str, Any]:
        number = f"r{len(self.reviews) + 1:04d}"
        review = {
            "name": f"{ACCOUNT}/locations/4001/reviews/{number}",
            "reviewId": number,
            "reviewer": {"displayName": name},
            "starRating": stars,
            "comment": comment,
            "createTime": stamp(at),
            "updateTime": stamp(at),
        }
        self.reviews.append(review)
        return review

    def _routes(self) -> None:
        self.route("GET", r"/o/oauth2/v2/auth", self.dialog, is_open=True)
        self.route("POST", r"/dialog/answer", self.dialog_answer, is_open=True)
        self.route("POST", r"/token", self.token, is_open=True)
        self.route("GET", r"/accountmanagement/v1/accounts", self.accounts)
        self.route("GET", rf"/v4/{PARENT}/reviews", self.review_list)
        one = rf"/v4/{PARENT}/reviews/(?P<review>\w+)"
        self.route("GET", one, self.review_one)
        self.route("PUT", rf"{one}/reply", self.reply, is_writing=True)
        self.route("DELETE", rf"{one}/reply", self.reply_delete, is_writing=True)
        self.route("GET", r"/live/google/(?P<location>\d+)", self.live, is_open=True)
        self.route("POST", r"/_seed/reviews", self.seed_review, is_open=True)
        self.route("POST", r"/_seed/location", self.seed_location, is_open=True)

    # --- how it refuses

    def check_token(self, request: Request) -> None:
        if self.tokens.get(request.token, 0) < time.time():
            raise self.refuse_token()
        if request.parts.get("location", "4001") not in self.places:
            raise self.refuse_unknown()

    def refuse_token(self) -> Refusal:
        return refusal(401, "Request had invalid authentication credentials.")

    def refuse_rate(self) -> Refusal:
        return refusal(429, "Quota exceeded for quota metric.", {"Retry-After": "7"})

    def refuse_away(self, status: int) -> Refusal:
        return refusal(status, "The service is currently unavailable.")

    def refuse_unknown(self) -> Refusal:
        return refusal(404, "Requested entity was not found.")

    # --- signing in

    def dialog(self, request: Request) -> Page:
        names = ("redirect_uri", "state", "access_type", "prompt")
        given = {name: request.query.get(name, "") for name in names}
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in given.items()
        )
        return page(
            "Sandbox: sign in with Google",
            "<p>This page stands in for Google. Nothing leaves this computer.</p>"
            f'<form method="post" action="/dialog/answer">{fields}'
            '<p><button name="answer" value="allow">Allow</button></p>'
            '<p><button name="answer" value="deny">Cancel</button></p></form>',
        )

    def dialog_answer(self, request: Request) -> Page:
        form = request.form
        back, state = form.get("redirect_uri", ""), form.get("state", "")
        if form.get("answer") != "allow":
            return redirect(back, error="access_denied", state=state)
        code = f"4/{secrets.token_urlsafe(24)}"
        is_offline = form.get("access_type") == "offline" and form.get("prompt") == "consent"
        self.codes[code] = {"redirect_uri": back, "offline": "yes" if is_offline else ""}
        scope = "https://www.googleapis.com/auth/business.manage"
        return redirect(back, code=code, state=state, scope=scope)

    def token(self, request: Request) -> dict[str, Any]:
        form = request.form
        if self.client_secret and form.get("client_secret") != self.client_secret:
            raise Refusal(401, {"error": "invalid_client", "error_description": "Unauthorized"})
        if form.get("grant_type") == "refresh_token":
            is_known = form.get("refresh_token") in self.refresh_tokens
            if not is_known or self.faults.take("invalid_grant"):
                raise _ended()
            self.record("google.refresh")
            return self._token()
        known = self.codes.pop(form.get("code", ""), None)
        if known is None or known["redirect_uri"] != form.get("redirect_uri"):
            raise _ended()
        answer = self._token()
        if known["offline"] and not self.faults.take("no_refresh_token"):
            answer["refresh_token"] = f"1//{secrets.token_urlsafe(24)}"
            self.refresh_tokens.add(answer["refresh_token"])
        return answer

    def _token(self) -> dict[str, Any]:
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self.tokens[token] = time.time() + TOKEN_SECONDS
        scope = "https://www.googleapis.com/auth/business.manage"
        facts = {"expires_in": TOKEN_SECONDS, "scope": scope, "token_type": "Bearer"}
        return {"access_token": token, **facts}

    def accounts(self, request: Request) -> dict[str, Any]:
        row = {"name": ACCOUNT, "accountName": "Asha Kulkarni", "type": "PERSONAL"}
        return {"accounts": [row]}

    # --- reviews

    def review_list(self, request: Request) -> dict[str, Any]:
        size = min(int(request.query.get("pageSize") or 50), 50)
        start = int(request.query.get("pageToken") or 0)
        mine = self._reviews_of(request.parts["location"])
        mine.sort(key=lambda each: each["updateTime"], reverse=True)
        stars = [("ONE", "TWO", "THREE", "FOUR", "FIVE").index(r["starRating"]) + 1 for r in mine]
        answer: dict[str, Any] = {"totalReviewCount": len(mine)}
        if mine:
            answer |= {"reviews": mine[start : start + size]}
            answer |= {"averageRating": round(sum(stars) / len(stars), 1)}
        if start + size < len(mine):
            answer["nextPageToken"] = str(start + size)
        return copy.deepcopy(answer)

    def _reviews_of(self, location: str) -> list[dict[str, Any]]:
        return [each for each in self.reviews if f"/locations/{location}/" in each["name"]]

    def _review(self, request: Request) -> dict[str, Any]:
        for each in self._reviews_of(request.parts["location"]):
            if each["reviewId"] == request.parts["review"]:
                return each
        raise self.refuse_unknown()

    def review_one(self, request: Request) -> dict[str, Any]:
        return copy.deepcopy(self._review(request))

    def reply(self, request: Request) -> dict[str, Any]:
        review, comment = self._review(request), request.body.get("comment")
        if not isinstance(comment, str) or not comment.strip():
            raise refusal(400, "comment is required.")
        if len(comment.encode()) > 4096:
            raise refusal(400, "comment must not exceed 4096 bytes.")
        review["reviewReply"] = {"comment": comment, "updateTime": stamp(time.time())}
        self.record("google.review_reply", review=review["reviewId"], comment=comment)
        return copy.deepcopy(review["reviewReply"])

    def reply_delete(self, request: Request) -> dict[str, Any]:
        self._review(request).pop("reviewReply", None)
        self.record("google.review_reply_deleted", review=request.parts["review"])
        return {}

    def seed_review(self, request: Request) -> dict[str, Any]:
        body = request.body
        stars, comment = body.get("starRating", "FIVE"), body.get("comment", "")
        return self.review_add(stars, comment, body.get("displayName", "A customer"), time.time())

    def seed_location(self, request: Request) -> dict[str, Any]:
        self.places["4001"].update(request.body)
        return self.places["4001"]

    # --- what the customers see

    def live(self, request: Request) -> Page:
        location = request.parts["location"]
        if location not in self.places:
            raise self.refuse_unknown()
        place = self.places[location]
        parts = [
            google_profile.hours_html(place),
            "<h2>Updates</h2>",
            google_posts.posts_html(self, location),
            "<h2>Reviews</h2>",
        ]
        for review in self._reviews_of(location):
            reply = review.get("reviewReply", {}).get("comment", "")
            answered = f"<p><b>Owner:</b> {html.escape(reply)}</p>" if reply else ""
            who = f"{review['reviewer']['displayName']} · {review['starRating']}"
            parts.append(
                f'<article><p class="quiet">{html.escape(who)}</p>'
                f"<p>{html.escape(review['comment'])}</p>{answered}</article>"
            )
        return page(f"{place['title']} on Google (sandbox)", "".join(parts))


def _ended() -> Refusal:
    said = "Token has been expired or revoked."
    return Refusal(400, {"error": "invalid_grant", "error_description": said})


if __name__ == "__main__":
    main("Google", Google, 8892)
