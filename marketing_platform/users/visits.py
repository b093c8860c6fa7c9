"""Staff who look into a workspace: a session of their own, read only, and over by itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest

from marketing_platform.users.models import User
from marketing_platform.users.sessions import session_start

VISIT = "visit"


@dataclass(frozen=True)
class Visit:
    id: UUID
    until: datetime
    reason: str


def visit_session_start(request: HttpRequest, staff: User, visit: Visit) -> None:
    """Whoever was signed in on this host in this browser no longer is."""
    session_start(request, staff)
    request.session[VISIT] = {
        "id": str(visit.id),
        "until": visit.until.timestamp(),
        "reason": visit.reason,
    }
    request.session.set_expiry(visit.until)


def visit_of(request: HttpRequest) -> Visit | None:
    """The visit that this session is, also when its time is over."""
    kept = request.session.get(VISIT)
    if kept is None:
        return None
    until = datetime.fromtimestamp(kept["until"], tz=UTC)
    return Visit(id=UUID(kept["id"]), until=until, reason=kept["reason"])
