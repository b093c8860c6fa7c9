"""People, the workspaces they belong to, and the codes that prove a number or an address."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned
from marketing_platform.users.permissions import Role


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        user = self.model(phone=phone, email=(email or "").strip().lower() or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(
            email=email, password=password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Local owners have a mobile number, enterprise people and staff an e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=16, unique=True, null=True, blank=True)
    email = models.EmailField(unique=True, null=True, blank=True)
    full_name = models.CharField(max_length=120, blank=True, default="")
    language = models.CharField(max_length=10, default="en")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    # Raised at sign-out, removal and credential change: ends every host's session at once.
    session_generation = models.PositiveIntegerField(default=1)
    date_joined = models.DateTimeField(default=timezone.now)
    # The account that this one was joined into: what stays here is the name behind old entries.
    joined_into_id = models.UUIDField(null=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=False)
                | Q(email__isnull=False)
                | Q(joined_into_id__isnull=False, is_active=False),
                name="a_person_has_a_number_or_an_email",
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{7,14}$"),
                name="a_number_is_e164",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.phone or str(self.pk)

    def get_full_name(self) -> str:
        return str(self)


class Membership(TenantOwned):
    """A person's place in a workspace."""

    kept_as = Kept.ACCESS

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=[(r.value, r.value) for r in Role])
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_per_person"),
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in Role]), name="a_role_is_one_of_ours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class UserSession(models.Model):
    """Where a person is signed in. Sessions of one device's hosts have one `family`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    family = models.CharField(max_length=32)
    host = models.CharField(max_length=253)
    browser = models.CharField(max_length=30, blank=True, default="")
    system = models.CharField(max_length=30, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "family"], name="sessions_of_a_person")]

    def __str__(self) -> str:
        return f"{self.browser} at {self.host}"


class CodePurpose(models.TextChoices):
    SIGN_IN = "sign_in", "Sign in"
    SIGN_UP = "sign_up", "Sign up"
    CONTACT = "contact", "New number or e-mail"


class VerificationCode(models.Model):
    """Six digits sent to a number or an address: five minutes, three tries, used once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    destination = models.CharField(max_length=254, db_index=True)
    purpose = models.CharField(max_length=10, choices=CodePurpose)
    code_hash = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="a_code_expires_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code of {self.created_at:%Y-%m-%d %H:%M}"


class SignInLink(models.Model):
    """A link that signs its person in once. Its secret is kept as its sha256 alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by_id = models.UUIDField()
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%d %b %Y %H:%M}"


class SecondFactor(models.Model):
    """An authenticator app of a person; it counts once a code of it was typed (`confirmed_at`)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.BinaryField()
    sealed_with = models.CharField(max_length=40)
    # The newest time step whose code was used: a code works once.
    used_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Authenticator app of {self.user}"


class Passkey(models.Model):
    """A key in somebody's phone, computer or password manager, for one of our hosts (`rp_id`).

    `credential` is WebAuthn's attested credential data: id and public key, nothing secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    rp_id = models.CharField(max_length=253)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField()
    # How often the key has signed, where it counts; a lower number means a copy.
    sign_count = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.name} at {self.rp_id}"


class RecoveryCode(models.Model):
    """One of ten that open the account without the app, once each; kept as an HMAC alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"], name="a_recovery_code_is_a_persons_once"
            )
        ]

    def __str__(self) -> str:
        return f"Recovery code of {self.user}"
