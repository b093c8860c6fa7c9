from marketing_platform.effects.control.models import GlobalStop
from marketing_platform.tenants.context import public_context


def is_stopped_for_all() -> bool:
    """Whether staff stopped everything that leaves the platform; one row read, never cached."""
    with public_context():
        row = GlobalStop.objects.order_by("-id").first()
    return row is not None and row.is_on
