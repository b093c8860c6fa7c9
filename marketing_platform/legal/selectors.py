from datetime import date
from uuid import UUID

from marketing_platform.legal.documents import to_accept
from marketing_platform.legal.models import Acceptance


def not_yet_accepted(user_id: UUID) -> dict[str, date]:
    """The pages whose present version this person was not asked about yet."""
    wanted = to_accept()
    rows = Acceptance.objects.filter(user_id=user_id).values_list("document", "version")
    accepted = set(rows)
    return {key: version for key, version in wanted.items() if (key, version) not in accepted}
