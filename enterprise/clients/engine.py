"""The States and union territories of India by their two letters (ISO 3166-2:IN, as in use)."""

from collections.abc import Mapping
from types import MappingProxyType

from marketing_platform.core.text import mark as _

STATES: Mapping[str, str] = MappingProxyType(
    {
        "JK": _("Jammu and Kashmir"),
        "HP": _("Himachal Pradesh"),
        "PB": _("Punjab"),
        "CH": _("Chandigarh"),
        "UK": _("Uttarakhand"),
        "HR": _("Haryana"),
        "DL": _("Delhi"),
        "RJ": _("Rajasthan"),
        "UP": _("Uttar Pradesh"),
        "BR": _("Bihar"),
        "SK": _("Sikkim"),
        "AR": _("Arunachal Pradesh"),
        "NL": _("Nagaland"),
        "MN": _("Manipur"),
        "MZ": _("Mizoram"),
        "TR": _("Tripura"),
        "ML": _("Meghalaya"),
        "AS": _("Assam"),
        "WB": _("West Bengal"),
        "JH": _("Jharkhand"),
        "OD": _("Odisha"),
        "CG": _("Chhattisgarh"),
        "MP": _("Madhya Pradesh"),
        "GJ": _("Gujarat"),
        "DH": _("Dadra and Nagar Haveli and Daman and Diu"),
        "MH": _("Maharashtra"),
        "KA": _("Karnataka"),
        "GA": _("Goa"),
        "LD": _("Lakshadweep"),
        "KL": _("Kerala"),
        "TN": _("Tamil Nadu"),
        "PY": _("Puducherry"),
        "AN": _("Andaman and Nicobar Islands"),
        "TG": _("Telangana"),
        "AP": _("Andhra Pradesh"),
        "LA": _("Ladakh"),
    }
)
