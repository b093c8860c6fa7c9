"""The one place where a tier's engines are made."""

from inspect import signature
from typing import Any

from marketing_platform.core.errors import NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.tiers.contracts import AutomationService, IntelligenceService, resolve
from marketing_platform.tiers.registry import spec


class ServiceNotOffered(NotFound):
    code = "service_not_offered"
    sentence = _("The %(tier)s tier has no automation service in this version.")


class ServiceUnknown(NotFound):
    code = "service_unknown"
    sentence = _("The %(tier)s tier has no service “%(service)s”. There are: %(known)s.")


class BusinessServiceFactory:
    """Hands out the front doors of a tier by its code.

    An unknown or undeployed tier raises ValueError('Unknown business tier: …').
    """

    @staticmethod
    def create_intelligence_service(business_tier: str) -> IntelligenceService:
        service: IntelligenceService = resolve(spec(business_tier).front_doors.intelligence)()
        return service

    @staticmethod
    def create_automation_service(business_tier: str, business: Any) -> AutomationService:
        """Raises ServiceNotOffered for a tier whose automation is not built yet."""
        row = spec(business_tier)
        if row.front_doors.automation is None:
            raise ServiceNotOffered(tier=row.label)
        service: AutomationService = _made(row.front_doors.automation, business)
        return service

    @staticmethod
    def create_service(business_tier: str, service: str, business: Any = None) -> Any:
        """Any system of a tier by its name in the registry, such as "guidance" or "optimization".

        `business` is handed to those that work for one business. Raises ServiceUnknown.
        """
        row = spec(business_tier)
        path = row.front_doors.services.get(service)
        if path is None:
            known = ", ".join(row.front_doors.services)
            raise ServiceUnknown(tier=row.label, service=service, known=known)
        return _made(path, business)


def _made(path: str, business: Any) -> Any:
    """The class, with the business when it works for one."""
    door = resolve(path)
    return door(business) if "business" in signature(door).parameters else door()
