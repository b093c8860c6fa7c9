"""A provider that notes every post it applies before it answers, and then often does not answer.

python tests/faults/provider.py --port N --ledger FILE --seed S   Standard library only.
POST /posts {"key"}, GET /posts?key=, POST /_calm (no more faults).
"""

import argparse
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# Of the calls that post: refused before applying, failed after it, silent after it.
BEFORE, AFTER, SILENT = 0.05, 0.05, 0.03
SILENT_SECONDS = 4.0


class Book:
    """What was applied, in a file that outlives everything that is killed here."""

    def __init__(self, file: Path, seed: int):
        self.file, self.lock = file, threading.Lock()
        self.chance, self.is_calm = random.Random(seed), False

    def draw(self) -> float:
        with self.lock:
            return 1.0 if self.is_calm else self.chance.random()

    def apply(self, key: str) -> int:
        with self.lock, self.file.open("a") as out:
            out.write(f"{key}\n")
            return out.tell()

    def count(self, key: str) -> int:
        with self.lock:
            return self.file.read_text().split("\n").count(key)


class Handler(BaseHTTPRequestHandler):
    book: Book
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        [key] = parse_qs(urlsplit(self.path).query).get("key", [""])
        self.answer(200, {"count": self.book.count(key)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path == "/_calm":
            self.book.is_calm = True
            self.answer(200, {})
            return
        fate = self.book.draw()
        if fate < BEFORE:
            self.answer(503, {"error": "busy"})
            return
        number = self.book.apply(json.loads(body)["key"])
        if fate < BEFORE + AFTER:
            self.answer(500, {"error": "broke after it was done"})
            return
        if fate < BEFORE + AFTER + SILENT:
            time.sleep(SILENT_SECONDS)
        self.answer(200, {"id": f"post-{number}"})

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    given.ledger.touch()
    Handler.book = Book(given.ledger, given.seed)
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
