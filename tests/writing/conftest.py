"""A loopback language model that answers what a test tells it to."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from marketing_platform.writing.contracts import Part, WritingBrief


class StubModel:
    """`answer` is a text (wrapped as the contract wants), raw bytes, or a callable(body)."""

    def __init__(self) -> None:
        self.answer: object = ""
        self.language = "en"
        self.status = 200
        self.requests: list[dict] = []
        handler = type("Handler", (_Handler,), {"model": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    model: StubModel

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.model.requests.append(
            {"path": self.path, "authorization": self.headers.get("Authorization"), "body": body}
        )
        answer = self.model.answer
        if callable(answer):
            answer = answer(body)
        content = answer if isinstance(answer, bytes) else self._wrapped(str(answer))
        self.send_response(self.model.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _wrapped(self, text: str) -> bytes:
        message = json.dumps({"text": text, "language": self.model.language})
        return json.dumps({"choices": [{"message": {"content": message}}]}).encode()

    def log_message(self, *_unused: object) -> None:
        """Quiet."""


@pytest.fixture
def model() -> Iterator[StubModel]:
    stub = StubModel()
    yield stub
    stub.close()


@pytest.fixture
def brief() -> WritingBrief:
    return WritingBrief(
        purpose="daily_post",
        language="en",
        network="social",
        limit=300,
        parts=(Part("Pat your hair dry with a soft towel. Then come by {name} and ask us."),),
        facts={"name": "Asha Salon"},
        must_include=("Asha Salon",),
        forbidden=("No prices.",),
        breaches=lambda text: ["no_superlative"] if "best" in text.lower() else [],
    )
