"""A twin's own parts: what a call is, its faults, its ledger, its webhooks. See twin_server."""

import hashlib
import hmac
import html
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

RETRY_AFTER_SECONDS = (0.5, 1, 2, 5, 15)
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:1rem auto;padding:0 1rem}
article{border:1px solid #ccc;border-radius:12px;padding:1rem;margin:1rem 0;overflow-wrap:anywhere}
img{max-width:100%;border-radius:8px}button{font:inherit;min-height:44px;padding:0 1.5rem}
input{font:inherit;min-height:44px;width:100%;box-sizing:border-box}.quiet{color:#555}"""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' http: data:; form-action *;"
    " base-uri 'none'; frame-ancestors 'none'"
)


class Refusal(Exception):
    """An answer other than 2xx, in the provider's own shape."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None):
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class Page:
    """Not JSON: a page, a redirect, a picture."""

    body: str | bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    """`parts`: what the route's pattern names; `query`, `form`: first values; `body`: JSON or {};
    `fields`: query, form and JSON object together; `token`: the bearer's."""

    method: str
    path: str
    parts: dict[str, str]
    query: dict[str, str]
    raw: bytes
    headers: Any
    base_url: str
    query_lists: dict[str, list[str]]

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ").strip()

    @property
    def form(self) -> dict[str, str]:
        if self.content_type != "application/x-www-form-urlencoded":
            return {}
        pairs = parse_qs(self.raw.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] for name, values in pairs.items()}

    @property
    def body(self) -> dict[str, Any]:
        if self.content_type != "application/json":
            return {}
        try:
            found = json.loads(self.raw or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def fields(self) -> dict[str, Any]:
        return {**self.query, **self.form, **self.body}


class Faults:
    NAMES = (
        *("fail_before", "fail_after_apply", "reply_lost", "slow_seconds", "expired_token"),
        *("rate_limit", "not_json", "huge", "duplicate_webhook", "bad_signature", "only"),
    )

    def __init__(self, more: Iterable[str] = ()):
        self.names = (*self.NAMES, *more)
        self.values: dict[str, Any] = {}
        self.lock = threading.Lock()

    def set(self, wanted: dict[str, Any]) -> None:
        unknown = set(wanted) - set(self.names)
        if unknown:
            raise Refusal(422, {"error": f"unknown faults: {sorted(unknown)}"})
        with self.lock:
            self.values.update(wanted)

    def take(self, name: str, path: str = "") -> bool:
        """Whether the fault strikes now; a number is counted down."""
        with self.lock:
            value, only = self.values.get(name, 0), self.values.get("only") or ""
            if not value or only not in path:
                return False
            if value is not True:
                self.values[name] = value - 1
            return True

    def seconds(self, path: str) -> float:
        only = self.values.get("only") or ""
        return float(self.values.get("slow_seconds") or 0) if only in path else 0.0


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handle: Callable[[Request], Any]
    is_writing: bool
    is_open: bool


class Twin:
    """One provider. Subclasses add routes and say how it refuses."""

    fault_names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.faults = Faults(self.fault_names)
        self.lock = threading.RLock()
        self.applied: list[dict[str, Any]] = []
        self.webhook_log: list[dict[str, Any]] = []
        self.webhook_url, self.webhook_secret = "", ""
        # What else forgets: whoever mounts routes of its own adds to this.
        self.on_reset: list[Callable[[], None]] = []
        # Files put here by tests, in place of our own signed addresses: PUT and GET /_files/<name>.
        self.files: dict[str, bytes] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the first state; subclasses add theirs and call this too."""
        with self.lock:
            self.applied.clear()
            self.webhook_log.clear()
        self.faults = Faults(self.fault_names)
        for forget in self.on_reset:
            forget()

    def route(
        self,
        method: str,
        pattern: str,
        handle: Callable[[Request], Any],
        *,
        is_writing: bool = False,
        is_open: bool = False,
    ) -> None:
        """`pattern`: a regular expression for the whole path; `is_open`: needs no token. A handler
        answers a dict (JSON), a Page, or raises Refusal; the first route that fits is taken.
        """
        compiled = re.compile(pattern)
        self.routes.append(Route(method, compiled, handle, is_writing, is_open))

    def record(self, what: str, **facts: Any) -> dict[str, Any]:
        """Write into the ledger that something took effect."""
        with self.lock:
            entry = {"number": len(self.applied) + 1, "what": what, "at": time.time(), **facts}
            self.applied.append(entry)
        return entry

    def check_token(self, request: Request) -> None:
        """Raise Refusal unless the bearer token is good."""

    def refuse_token(self) -> Refusal:
        return Refusal(401, {"error": "expired"})

    def refuse_rate(self) -> Refusal:
        return Refusal(429, {"error": "too many calls"}, {"Retry-After": "7"})

    def refuse_away(self, status: int) -> Refusal:
        return Refusal(status, {"error": "away"})

    def refuse_unknown(self) -> Refusal:
        return Refusal(404, {"error": "There is nothing at this address."})

    def answer_headers(self, request: Request) -> dict[str, str]:
        return {}

    # --- one call

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for route in self.routes:
            match = route.pattern.fullmatch(path) if route.method == method else None
            if match:
                return route, match.groupdict()
        raise self.refuse_unknown()

    def call(self, route: Route, request: Request) -> Any:
        """What the handler answers, after the faults before it."""
        # A call that sleeps through a reset does not take the faults of the next test.
        path, faults = request.path, self.faults
        # Sign-in and the pages to look at have faults only when these are named.
        if not route.is_open or faults.values.get("only"):
            if faults.take("fail_before", path):
                raise self.refuse_away(503)
            if faults.take("rate_limit", path):
                raise self.refuse_rate()
        if not route.is_open:
            if faults.take("expired_token", path):
                raise self.refuse_token()
            self.check_token(request)
        with self.lock:
            answer = route.handle(request)
        time.sleep(faults.seconds(path))
        if route.is_writing and faults.take("fail_after_apply", path):
            raise self.refuse_away(500)
        return answer

    # --- webhooks

    def webhook_send(self, payload: Any, **headers: str) -> None:
        """Sign as Meta does and send, with retries, in a thread of its own."""
        raw = json.dumps(payload, ensure_ascii=False).encode()
        for _copy in range(2 if self.faults.take("duplicate_webhook") else 1):
            is_bad = self.faults.take("bad_signature")
            arguments = (raw, headers, is_bad)
            threading.Thread(target=self._deliver, args=arguments, daemon=True).start()

    def _deliver(self, raw: bytes, headers: dict[str, str], is_bad: bool) -> None:
        secret = "wrong" if is_bad else self.webhook_secret
        signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        sent = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
        for wait in (*RETRY_AFTER_SECONDS, None):
            status = self._webhook_post(raw, {**sent, **headers})
            with self.lock:
                self.webhook_log.append({"status": status, "body": json.loads(raw)})
            if 200 <= status < 300 or status == 401 or wait is None:
                return
            time.sleep(wait)

    def _webhook_post(self, raw: bytes, headers: dict[str, str]) -> int:
        if not self.webhook_url:
            return 204
        request = urllib.request.Request(self.webhook_url, raw, headers, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def page(title: str, inner: str) -> Page:
    """A simple page; `inner` is HTML, escaped where it was text."""
    safe = html.escape(title)
    return Page(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{safe}</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="/twin.css">'
        f"<h1>{safe}</h1>{inner}",
        headers={"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"},
    )


def redirect(url: str, **query: str) -> Page:
    joint = "&" if urlsplit(url).query else "?"
    return Page("", 303, "text/plain", {"Location": f"{url}{joint}{urlencode(query)}"})
