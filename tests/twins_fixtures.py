"""The providers' twins in this process, on free ports, empty before each test.

    def test_x(meta_twin):  meta_twin.url, .control(reply_lost=1), .ledger(), .file("a.jpg", raw)

Settings point at them (CONNECTIONS_MODE, PROVIDER_URLS) while the test runs.
"""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "twins"


class RunningTwin:
    """A twin with the thread that serves it."""

    def __init__(self, twin: Any, server: Any):
        self.twin, self.server, self.url = twin, server, server.url

    def control(self, **faults: Any) -> None:
        """Set faults; see tests/twins/twin_server.py for their names."""
        self.twin.faults.set(faults)

    def ledger(self, what: str = "") -> list[dict[str, Any]]:
        """What took effect, in order; of one kind when named."""
        with self.twin.lock:
            return [each for each in self.twin.applied if what in ("", each["what"])]

    def file(self, name: str, raw: bytes) -> str:
        """Serve these bytes; the answer is their address."""
        self.twin.files[f"/_files/{name}"] = raw
        return f"{self.url}/_files/{name}"


def start(make: Any) -> RunningTwin:
    from twin_server import Server  # beside the twins, found since load()

    twin = make()
    server = Server(twin)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return RunningTwin(twin, server)


def load(module: str) -> Any:
    """A twin's module, under a name of its own: "google" is that of other people's packages."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    spec = importlib.util.spec_from_file_location(f"twin_{module}", FOLDER / f"{module}.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def _running(module: str, name: str) -> Iterator[RunningTwin]:
    running = start(getattr(load(module), name))
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="session")
def running_meta() -> Iterator[RunningTwin]:
    yield from _running("meta", "Meta")


@pytest.fixture(scope="session")
def running_google() -> Iterator[RunningTwin]:
    yield from _running("google", "Google")


@pytest.fixture
def meta_twin(running_meta: RunningTwin, settings: Any) -> RunningTwin:
    """Facebook, Instagram and WhatsApp."""
    running_meta.twin.reset()
    running_meta.twin.app_secret = settings.META_APP_SECRET
    running_meta.twin.webhook_secret = settings.META_APP_SECRET
    settings.CONNECTIONS_MODE = "sandbox"
    urls = {"meta": running_meta.url, "whatsapp": running_meta.url}
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, **urls}
    return running_meta


@pytest.fixture
def google_twin(running_google: RunningTwin, settings: Any) -> RunningTwin:
    """Google's sign-in and Business Profile."""
    running_google.twin.reset()
    running_google.twin.client_secret = settings.GOOGLE_CLIENT_SECRET
    settings.CONNECTIONS_MODE = "sandbox"
    urls = {"google_business": running_google.url}
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, **urls}
    return running_google
