"""One side in a process of its own: one JSON command a line in, one answer a line out.

    {"do": "world", "count": 10}                        -> {"plain": session, "workspaces": [...]}
    {"do": "visit", "path": p, "visits": [[host, session], ...]} -> {"ms": [...], "cpu": [...]}
    {"do": "statements", "path": p, "visits": [...]}    -> {"statements": n, "sets": n}, per request
    {"do": "hosts_forget"}                              -> {}
    {"do": "memory", "schemas": [...]}                  -> {"megabytes": [...], "backends": n}

A request goes through the WSGI handler, from the call to the closing of the answer, which gives
the connection back to its pool.
"""

import io
import json
import os
import sys
import time
from typing import Any

import psycopg

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.request_side.settings"
Visit = tuple[str, str]


def visit(*, path: str, visits: list[Visit]) -> dict[str, Any]:
    taken, worked = [], []
    for host, session in visits:
        environ = _environ(path, host, session)
        began, working = time.perf_counter(), time.thread_time()
        body = _request(environ)
        worked.append((time.thread_time() - working) * 1000)
        taken.append((time.perf_counter() - began) * 1000)
        if body != b"yes":
            raise SystemExit(f"{host}{path} answered {body[:200]!r}")
    return {"ms": taken, "cpu": worked}


def statements(*, path: str, visits: list[Visit]) -> dict[str, Any]:
    """Whatever passes the driver, the backend's own SET included; the pool's empty check is not."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, query: Any, *rest: Any, **named: Any) -> Any:
        text = query if isinstance(query, str) else str(getattr(query, "as_string", repr)(cursor))
        seen.append(text)
        return execute(cursor, query, *rest, **named)

    psycopg.Cursor.execute = counted
    try:
        visit(path=path, visits=visits)
    finally:
        psycopg.Cursor.execute = execute
    asked = [text for text in seen if text]
    sets = [text for text in asked if "search_path" in text]
    return {
        "statements": round(len(asked) / len(visits), 2),
        "sets": round(len(sets) / len(visits), 2),
        "first": asked[: len(asked) // len(visits)],
    }


def hosts_forget() -> dict[str, Any]:
    """As when nobody came for half a minute; of no effect on sides that remember nothing."""
    from marketing_platform.tenants.host_cache import hosts

    hosts.clear()
    return {}


def world(*, count: int) -> dict[str, Any]:
    """Workspaces made from the snapshot until there are `count`, one owner, a session for each."""
    from tests.benchmarks.request_side import world as making

    return making.make(count)


def memory(*, schemas: list[str]) -> dict[str, Any]:
    """The server's memory for this connection after every tenth workspace, all tables touched."""
    from tests.benchmarks.request_side import world as making

    return making.memory(schemas)


def _environ(path: str, host: str, session: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_COOKIE": f"sessionid={session}",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _request(environ: dict[str, Any]) -> bytes:
    answer = HANDLER(environ, lambda _status, _headers: None)
    try:
        return b"".join(answer)
    finally:
        answer.close()


COMMANDS = {act.__name__: act for act in (visit, statements, hosts_forget, world, memory)}


def main() -> None:
    global HANDLER
    from django.core.wsgi import get_wsgi_application

    # What a library prints must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    HANDLER = get_wsgi_application()
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = COMMANDS[command.pop("do")](**command)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
