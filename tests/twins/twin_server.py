"""What every provider's twin is built of: a route table, a bearer check, faults and a ledger.

A twin is a process of its own, plain Python, nothing kept on disk. Each also answers
    GET  /health      {"status": "ok"}
    GET  /_ledger     {"applied": [...]}: what took effect, in order, written before the answer
    GET  /_control    the faults that are set;  POST /_control {"reply_lost": 1, …} sets them
    POST /_reset      forgets everything
Faults (true: always; a number: so many times):
    fail_before       503, nothing happened
    fail_after_apply  it happened, then 500
    reply_lost        it happened, then the connection closes without an answer
    slow_seconds      it happened, then so many seconds pass (a number of seconds, until set to 0)
    expired_token     the bearer token is refused
    rate_limit        the provider's "too many calls"
    not_json, huge    it happened, and the answer is a page, or 10 MB
    duplicate_webhook, bad_signature    of webhooks that the twin sends
"only": "/feed" narrows all of these to paths that contain it. The three "after" faults strike
writing routes alone.
"""

import argparse
import contextlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from twin_base import STYLE, Faults, Page, Refusal, Request, Route, Twin, page, redirect

__all__ = [
    "Faults",
    "Handler",
    "Page",
    "Refusal",
    "Request",
    "Route",
    "Server",
    "Twin",
    "main",
    "page",
    "redirect",
]
LARGEST_BODY = 12 * 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body go out one after the other: Nagle would hold the body back for 40 ms.
    disable_nagle_algorithm = True
    server_version = "Twin"
    sys_version = ""

    def log_message(self, *_arguments: Any) -> None:
        """Quiet: what happened is in /_ledger."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """By the twin's own clock, if it has one."""
        clock = getattr(self.server.twin, "clock", None)  # type: ignore[attr-defined]
        return super().date_time_string(timestamp or (clock and clock()))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        twin: Twin = self.server.twin  # type: ignore[attr-defined]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            try:
                self._call(twin)
            except Refusal as refusal:
                self._json(refusal.status, refusal.body, refusal.headers)

    def _call(self, twin: Twin) -> None:
        address = urlsplit(self.path)
        raw = self._raw()
        if self._own(twin, address.path, raw):
            return
        route, parts = twin.find(self.command, address.path)
        lists = parse_qs(address.query, keep_blank_values=True)
        query = {name: values[0] for name, values in lists.items()}
        request = Request(
            self.command, address.path, parts, query, raw, self.headers, self._base_url(), lists
        )
        faults = twin.faults
        answer = twin.call(route, request)
        if route.is_writing and faults.take("reply_lost", address.path):
            self.close_connection = True
            return
        if isinstance(answer, Page):
            self._send(answer.status, answer.content_type, answer.body, answer.headers)
        elif faults.take("not_json", address.path):
            self._send(200, "text/html", "<h1>Gateway</h1>", {})
        elif faults.take("huge", address.path):
            self._send(200, "application/json", b" " * 10_000_000, {})
        else:
            self._json(200, answer, twin.answer_headers(request))

    def _own(self, twin: Twin, path: str, raw: bytes) -> bool:
        match (self.command, path):
            case ("GET", "/health"):
                self._json(200, {"status": "ok"})
            case ("GET", "/twin.css"):
                self._send(200, "text/css; charset=utf-8", STYLE, {})
            case ("GET", "/_ledger"):
                self._json(200, {"applied": twin.applied, "webhooks": twin.webhook_log})
            case ("GET", "/_control"):
                self._json(200, twin.faults.values)
            case ("POST", "/_control"):
                twin.faults.set(json.loads(raw or b"{}"))
                self._json(200, twin.faults.values)
            case ("POST", "/_reset"):
                twin.reset()
                self._json(200, {})
            case ("PUT", name) if name.startswith("/_files/"):
                twin.files[name] = raw
                self._json(200, {})
            case ("GET", name) if name in twin.files:
                kind = "image/jpeg" if name.endswith(".jpg") else "application/octet-stream"
                self._send(200, kind, twin.files[name], {})
            case _:
                return False
        return True

    def _raw(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refusal(413, {"error": "too large"})
        return self.rfile.read(int(length))

    def _base_url(self) -> str:
        return f"http://{self.headers.get('Host', '127.0.0.1')}"

    def _json(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(answer), headers or {})

    def _send(
        self, status: int, content_type: str, body: str | bytes, headers: dict[str, str]
    ) -> None:
        raw = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


class Server(ThreadingHTTPServer):
    """Serves a twin on loopback; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, twin: Twin, port: int = 0):
        super().__init__(("127.0.0.1", port), Handler)
        self.twin = twin

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def main(name: str, make: Callable[[], Twin], port: int) -> None:
    """Run one twin alone: python tests/twins/<name>.py --port N."""
    parser = argparse.ArgumentParser(description=f"The twin of {name}, on loopback.")
    parser.add_argument("--port", type=int, default=port)
    server = Server(make(), parser.parse_args().port)
    print(f"{name} on {server.url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
