"""Whether the proof has the shape the guide asks for."""

from urllib.parse import urlsplit

from local.guidance.engine.contracts import Evidence, Proof
from local.guidance.errors import ProofLinkWrong, ProofMissing, ProofNumberWrong

LONGEST_URL = 500
GOOGLE_HOSTS = ("google.com", "google.co.in", "goo.gl", "g.page", "g.co", "share.google")


def checked(evidence: Evidence, proof: Proof) -> Proof:
    """Only what the guide asks for. A photo is checked where it is stored.

    Raises ProofMissing, ProofLinkWrong or ProofNumberWrong, with the field's name.
    """
    if evidence.kind == "url":
        return Proof(url=_link(proof.url, evidence.hosts))
    if evidence.kind == "number":
        if proof.number is None:
            raise ProofMissing(field="number")
        if isinstance(proof.number, bool) or not 1 <= proof.number <= evidence.most:
            raise ProofNumberWrong(field="number", most=evidence.most)
        return Proof(number=proof.number)
    if evidence.kind == "tick" and not proof.tick:
        raise ProofMissing(field="tick")
    return Proof(tick=evidence.kind == "tick")


def _link(given: str, hosts: tuple[str, ...]) -> str:
    link = given.strip()
    if not link:
        raise ProofMissing(field="url")
    if not is_link_to(link, hosts):
        raise ProofLinkWrong(field="url", host=hosts[0])
    return link


def is_link_to(link: str, hosts: tuple[str, ...]) -> bool:
    """An https address of one of the hosts or below it, with something after the host."""
    if len(link) > LONGEST_URL or any(
        letter.isspace() or not letter.isprintable() for letter in link
    ):
        return False
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
        is_plain = parts.scheme == "https" and parts.port is None and not parts.username
    except ValueError:
        return False
    is_ours = any(host == each or host.endswith(f".{each}") for each in hosts)
    return is_plain and is_ours and parts.path.strip("/") + parts.query != ""
