"""States by their two letters (ISO 3166-2:IN, with the letters in common use) and in a GSTIN."""

from collections.abc import Mapping
from types import MappingProxyType

GST_CODES: Mapping[str, str] = MappingProxyType(
    {
        "JK": "01",
        "HP": "02",
        "PB": "03",
        "CH": "04",
        "UK": "05",
        "UT": "05",
        "HR": "06",
        "DL": "07",
        "RJ": "08",
        "UP": "09",
        "BR": "10",
        "SK": "11",
        "AR": "12",
        "NL": "13",
        "MN": "14",
        "MZ": "15",
        "TR": "16",
        "ML": "17",
        "AS": "18",
        "WB": "19",
        "JH": "20",
        "OD": "21",
        "OR": "21",
        "CG": "22",
        "CT": "22",
        "MP": "23",
        "GJ": "24",
        "DH": "26",
        "DN": "26",
        "DD": "26",
        "MH": "27",
        "KA": "29",
        "GA": "30",
        "LD": "31",
        "KL": "32",
        "TN": "33",
        "PY": "34",
        "AN": "35",
        "TG": "36",
        "TS": "36",
        "AP": "37",
        "LA": "38",
    }
)


def gst_code(letters: str) -> str:
    """'MH' → '27'; '' for what is no State."""
    return GST_CODES.get(letters.upper(), "")
