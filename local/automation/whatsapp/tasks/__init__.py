"""What WhatsApp does when nobody looks: due work, and what leaves the process."""

from local.automation.whatsapp.tasks import leaving, work

__all__ = ["leaving", "work"]
