"""Who agreed to which version of which page, when and in which language. Only ever added to."""

from django.db import models


class Acceptance(models.Model):
    """`address_hash` tells two addresses apart without keeping one."""

    user_id = models.UUIDField(db_index=True)
    document = models.CharField(max_length=30)
    version = models.DateField()
    language = models.CharField(max_length=10)
    # Where it was asked: sign_up, join, again.
    place = models.CharField(max_length=10)
    accepted_at = models.DateTimeField()
    address_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-accepted_at", "document"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "document", "version"], name="a_version_is_accepted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.version:%d %b %Y}"
