"""The providers of messages on loopback, and a mail server that says what it is told."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.twins_fixtures import RunningTwin, load, start


@pytest.fixture(scope="session")
def running_messages() -> Iterator[RunningTwin]:
    running = start(load("messages").Messages)
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def messages_twin(running_messages: RunningTwin, settings: Any) -> RunningTwin:
    running_messages.twin.reset()
    settings.MESSENGER = "marketing_platform.messaging.routing.RoutingSender"
    settings.MESSAGES_WHATSAPP_URL = f"{running_messages.url}/v26.0"
    settings.MESSAGES_WHATSAPP_NUMBER_ID = "1029384756"
    settings.MESSAGES_WHATSAPP_TOKEN = "line-token"
    settings.MESSAGES_WHATSAPP_CODE_TEMPLATE = "code_login"
    settings.MESSAGES_WHATSAPP_NOTICE_TEMPLATE = "notice"
    settings.SMS_URL = running_messages.url
    settings.SMS_AUTH_KEY = "sms-key"
    settings.SMS_HEADER = "NUKKAD"
    settings.SMS_CODE_TEMPLATE = "flow-code"
    settings.SMS_NOTICE_TEMPLATE = "flow-notice"
    return running_messages


class Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        self._say("220 twin")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._say("354 go on")
                while (part := self.rfile.readline()) != b".\r\n":
                    server.received.append(part.decode().strip())
            self._say(server.answers.get(word, "250 fine"))
            if word == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server(settings: Any) -> Iterator[Any]:
    """`answers`: what it says to a command; `received`: the lines of the mails."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail) as server:
        server.daemon_threads = True
        server.answers, server.received = {}, []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_USE_TLS = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "hello@nukkad.example"
        yield server
        server.shutdown()
