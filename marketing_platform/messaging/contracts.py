"""What a sender of messages to our own users must do."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One notice or code; exactly one of the recipients is set. `code`: the digits alone."""

    kind: str
    language: str
    subject: str
    text: str
    to_phone: str = ""
    to_email: str = ""
    code: str = ""


class Messenger(Protocol):
    """Delivers a message or raises OutsideFailure."""

    name: str
    keeps_text: bool

    def send(self, message: Message) -> None: ...
