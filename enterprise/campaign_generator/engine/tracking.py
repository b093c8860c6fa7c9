"""UTM parameters: lower case, no spaces, the same for the same campaign and channel."""

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SOURCES = {
    "google_ads": ("google", "cpc"),
    "meta_ads": ("meta", "paid_social"),
    "linkedin_ads": ("linkedin", "paid_social"),
    "email": ("newsletter", "email"),
    "whatsapp": ("whatsapp", "message"),
}
LONGEST = 60


def tracked(url: str, *, campaign: str, channel: str, content: str) -> str:
    """``url`` with our UTM parameters; its own parameters stay, old UTM ones are replaced.

    What is no web address stays as it is: a check names it, and no parser can take it apart.
    """
    if not is_web_address(url):
        return url
    source, medium = SOURCES[channel]
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.lower().startswith("utm_")
    ]
    added = [
        ("utm_source", source),
        ("utm_medium", medium),
        ("utm_campaign", slug(campaign)),
        ("utm_content", slug(content)),
    ]
    return urlunsplit(parts._replace(query=urlencode(kept + added)))


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and "." in host and " " not in url
    except ValueError:
        return False


def slug(text: str) -> str:
    """Latin letters, digits and ``_``. A name that loses letters gets a stable code of its own,
    or दिवाली 2026 and होली 2026 would be counted as one."""
    plain = unicodedata.normalize("NFKD", text.lower())
    words = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
    loses = any(not letter.isascii() and letter.isalpha() for letter in plain)
    if words and not loses and len(words) <= LONGEST:
        return words
    code = "c_" + hashlib.sha256(text.encode()).hexdigest()[:10]
    kept = words[: LONGEST - len(code) - 1].strip("_")
    return f"{kept}_{code}" if kept else code
