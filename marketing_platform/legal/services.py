import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from django.conf import settings

from marketing_platform.legal.documents import to_accept
from marketing_platform.legal.models import Acceptance


def acceptance_record(
    *, user_id: UUID, place: str, language: str, address: str, now: datetime
) -> None:
    """The present versions of everything that people agree to; a second time adds nothing."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"legal:{address}".encode(), hashlib.sha256)
    Acceptance.objects.bulk_create(
        [
            Acceptance(
                user_id=user_id,
                document=key,
                version=version,
                language=language,
                place=place,
                accepted_at=now,
                address_hash=digest.hexdigest() if address else "",
            )
            for key, version in to_accept().items()
        ],
        ignore_conflicts=True,
    )
