"""The words of the matrix of routes."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kind(Enum):
    """OWN: shows or changes the acting workspace's rows and names none, or none of one's choice.
    ROW: names a row; a foreign one is as absent as one that never was.
    TOKEN: takes something signed; a foreign one is as good as junk.
    BARE: the same for everybody; shows nothing of any workspace.
    STAFF: the staff's; an owner is sent away.
    """

    OWN = "own"
    ROW = "row"
    TOKEN = "token"
    BARE = "bare"
    STAFF = "staff"


@dataclass(frozen=True)
class Row:
    """`names` says what stands in each place of the address, `query` and `form` what is sent.

    A value that begins with "@" is looked up: "@result" is the id of such a row (walk.Ids).
    """

    kind: Kind
    names: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    # Says the public name of the workspace that was asked for.
    says_name: bool = False


OWN, BARE, STAFF = Row(Kind.OWN), Row(Kind.BARE), Row(Kind.STAFF)
# Off the workspaces' hosts a signed address is its own permission, whoever asks.
BEARER = Row(Kind.BARE, {"token": "junk"})
DAY = {"on": "2026-12-01", "language": "en"}
