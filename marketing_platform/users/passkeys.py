"""Passkeys (W3C Web Authentication, level 2): registering them and proving oneself with one.

The device always checks its holder (finger, face or screen lock), so that one proof is two: what
one has and who one is. The relying party is the host itself, so a key of one host is of no use at
another. Ceremony checks (challenge, origin, signature, flags) are python-fido2's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.users.devices import device_of
from marketing_platform.users.models import Passkey, User

STATE = "passkey"
SECONDS_TO_ANSWER = 300
MOST_OF_A_PERSON = 10


class PasskeyRefused(InvalidInput):
    code = "passkey_refused"
    sentence = _("This passkey did not work. Try again, or choose another way.")


class PasskeyKnown(InvalidInput):
    code = "passkey_known"
    sentence = _("This device has a passkey of yours already.")


class TooManyPasskeys(InvalidInput):
    code = "too_many_passkeys"
    sentence = _("You have ten passkeys. Remove one that you no longer use.")


def passkeys_here(request: HttpRequest, user: User) -> list[Passkey]:
    """Those that open this host."""
    return list(Passkey.objects.filter(user=user, rp_id=_host(request)))


def passkey_new(request: HttpRequest, user: User) -> dict[str, Any]:
    """What the browser is asked to make, in WebAuthn's JSON. Raises TooManyPasskeys."""
    known = passkeys_here(request, user)
    if len(known) >= MOST_OF_A_PERSON:
        raise TooManyPasskeys
    person = PublicKeyCredentialUserEntity(
        id=user.pk.bytes, name=user.phone or user.email or str(user), display_name=str(user)
    )
    options, state = _server(request).register_begin(
        person,
        credentials=[AttestedCredentialData(bytes(each.credential)) for each in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(request, "new", state)
    return dict(options)


def passkey_add(
    request: HttpRequest, user: User, answer: Mapping[str, Any], *, now: datetime
) -> Passkey:
    """Raises PasskeyRefused for any doubt, PasskeyKnown."""
    state = _take(request, "new")
    try:
        made = _server(request).register_complete(state, answer)
        credential = made.credential_data
    except Exception as error:  # whatever a browser or a stranger sends
        raise PasskeyRefused from error
    if credential is None or not made.is_user_verified():
        raise PasskeyRefused
    browser, system = device_of(request.headers.get("User-Agent", ""))
    try:
        return Passkey.objects.create(
            user=user,
            rp_id=_host(request),
            credential_id=credential.credential_id,
            credential=bytes(credential),
            sign_count=made.counter,
            name=" · ".join(filter(None, (browser, system)))[:60] or "–",
            created_at=now,
        )
    except IntegrityError as error:
        raise PasskeyKnown from error


def passkey_ask(request: HttpRequest, user: User | None) -> dict[str, Any]:
    """What the browser is asked to prove: any key of this host, or one of this person's."""
    known = passkeys_here(request, user) if user else []
    options, state = _server(request).authenticate_begin(
        credentials=[AttestedCredentialData(bytes(each.credential)) for each in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep(request, "ask", state)
    return dict(options)


def passkey_prove(request: HttpRequest, answer: Mapping[str, Any], *, now: datetime) -> User:
    """The person behind the key that signed. A challenge works once. Raises PasskeyRefused."""
    state = _take(request, "ask")
    try:
        given = AuthenticationResponse.from_dict(answer)
        row = Passkey.objects.select_related("user").get(
            credential_id=given.raw_id, rp_id=_host(request), user__is_active=True
        )
        known = AttestedCredentialData(bytes(row.credential))
        _server(request).authenticate_complete(state, [known], given)
        said = given.response.authenticator_data
        handle = given.response.user_handle
    except Exception as error:  # whatever a browser or a stranger sends
        raise PasskeyRefused from error
    if not said.is_user_verified() or (handle and handle != row.user_id.bytes):
        raise PasskeyRefused
    _count(row, said.counter, now)
    return row.user


def passkey_remove(*, user: User, passkey_id: UUID) -> bool:
    return bool(Passkey.objects.filter(user=user, pk=passkey_id).delete()[0])


def _count(row: Passkey, counter: int, now: datetime) -> None:
    """A key that counts must have gone on; keys that sync always say 0."""
    rows = Passkey.objects.filter(pk=row.pk)
    if counter or row.sign_count:
        rows = rows.filter(sign_count__lt=counter)
    if not rows.update(sign_count=counter, used_at=now):
        raise PasskeyRefused


def _server(request: HttpRequest) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=_host(request), name=settings.PRODUCT_NAME)
    origin = f"{request.scheme}://{request.get_host()}"
    return Fido2Server(party, verify_origin=lambda said: said == origin)


def _host(request: HttpRequest) -> str:
    return request.get_host().partition(":")[0].lower()


def _keep(request: HttpRequest, kind: str, state: Any) -> None:
    request.session[STATE] = {
        "kind": kind,
        "state": state,
        "at": int(clock.now().timestamp()),
    }


def _take(request: HttpRequest, kind: str) -> Any:
    kept = request.session.pop(STATE, None)
    if not kept or kept["kind"] != kind:
        raise PasskeyRefused
    if clock.now().timestamp() - kept["at"] > SECONDS_TO_ANSWER:
        raise PasskeyRefused
    return kept["state"]
