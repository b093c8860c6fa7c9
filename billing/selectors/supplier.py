"""Us, as pages outside billing name us."""

from billing.models import Supplier


def supplier_facts() -> dict[str, str]:
    """name, address, gstin and email of the one that issues invoices; empty without one."""
    ours = Supplier.objects.filter(is_on=True).first()
    if ours is None:
        return {}
    return {
        "name": ours.legal_name,
        "address": f"{ours.address}, {ours.city} {ours.pincode}",
        "gstin": ours.gstin,
        "email": ours.email,
    }
