"""The two ways a post leaves for Meta; each once (marketing_platform.effects).

Facebook: the photo is uploaded unseen, then one post shows it. Instagram: a container is made of
the photo, then it is published; a container can be published once only, so it is used again until
Instagram has let it lapse.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from local.automation.social_media.connectors import (
    container_create,
    container_publish,
    container_status,
    feed_post,
    media_lately,
    media_url,
    photo_upload,
    post_url,
    posts_since,
    quota_left,
)
from local.automation.social_media.engine.pictures import is_shape_taken, jpeg_of
from local.automation.social_media.engine.posting import BY_EFFECT, State, same_words
from local.automation.social_media.errors import FactsGone
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.services import facts_refuse, post_link_keep, post_moves
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient, client_for
from marketing_platform.connections.selectors import connection_for
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import Committed, EffectHandler, Verdict, effect_kind
from marketing_platform.media.errors import MediaMissing
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import content_of, signed_url
from marketing_platform.media.services import generated_store
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLOCKS_APART = 5 * MINUTE
# Instagram may fetch the picture again as long as its container lives.
PICTURE_FOR = timedelta(hours=48)
# A feed shows a new post a little later: only the third look that finds nothing proves it.
LOOKS = (timedelta(seconds=20), MINUTE, 3 * MINUTE, 10 * MINUTE)
LOOKS_TO_BE_SURE = 3
CONTAINER_LOOKS, CONTAINER_WAIT, CONTAINER_LATER = 8, 1.5, 30.0
QUOTA_LATER = 3600.0
DUPLICATE, IG_BLOCKED = 506, 2207051
GONE = _("The post was changed or taken back meanwhile.")
NO_PICTURE = _("The picture of this post is no longer here. Choose another idea.")
WRONG_SHAPE = _("Instagram does not take a picture of this shape. Choose another idea.")


class Leaving(EffectHandler):
    """What both have in common. Payload: post_id, text, target (page or account)."""

    provider = "meta"
    freshness = 6 * HOUR
    verify_waits = LOOKS

    def settled(self, effect: Effect) -> None:
        now, to = clock.now(), BY_EFFECT[effect.state]
        post_moves(effect, to, now=now)
        if to == State.LIVE:
            # Where it stands is asked apart: a failed read must not touch what was sent.
            work_schedule(
                task="local.post_link",
                tenant=current_tenant(),
                arguments={"effect_id": str(effect.pk)},
                due_at=now,
                key=f"local.post_link:{effect.pk}",
                queue="local",
            )

    def asks(self, effect: Effect) -> None:
        post_moves(effect, State.NEEDS_CHECK, now=clock.now())


@effect_kind("meta.facebook_post")
class FacebookPost(Leaving):
    label = _("Post on Facebook")

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        """The photo, unseen; one that was uploaded before is used again."""
        picture = _picture(_post_of(effect))
        photo = (effect.prepared or {}).get("photo_id")
        if not photo:
            photo = photo_upload(client, effect.payload["target"], picture_address(picture))
        return {"photo_id": photo}

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        post_moves(effect, State.SENDING, now=clock.now())
        told, prepared = effect.payload, effect.prepared or {}
        return Committed(feed_post(client, told["target"], told["text"], prepared["photo_id"]))

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        """The page's posts since it was armed: the one with our photo, or with our words and one
        picture that no other post of ours has.
        """
        photo = (effect.prepared or {}).get("photo_id", "")
        others = _other_remote_ids(effect)
        for post in posts_since(client, effect.payload["target"], _since(effect)):
            if post.id in others:
                continue
            is_ours = photo in post.photos or (
                post.media_count == 1 and same_words(post.text, effect.payload["text"])
            )
            if is_ours:
                return Verdict.CONFIRMED(post.id)
        return _absent(effect)

    def may_be_live(self, failure: ProviderFailure) -> bool:
        """A duplicate is refused because the first one is there."""
        return failure.code == DUPLICATE


@effect_kind("meta.instagram_image")
class InstagramImage(Leaving):
    label = _("Post on Instagram")

    def prepare(self, effect: Effect, client: ProviderClient) -> dict[str, Any]:
        """Quota first, then the container, until Instagram has read the picture."""
        post, account = _post_of(effect), effect.payload["target"]
        picture = _picture(post)
        container, status = post.container_id, ""
        if container:
            status = _status(client, container)
        if status == "PUBLISHED":
            return {"container_id": container, "is_published": True}
        left = quota_left(client, account)
        if left is not None and left <= 0:
            raise ProviderFailure("rate_limited", provider="Instagram", retry_after=QUOTA_LATER)
        if status not in {"FINISHED", "IN_PROGRESS"}:
            container = container_create(
                client, account, picture_address(picture), effect.payload["text"]
            )
            PlannedPost.objects.filter(pk=post.pk).update(container_id=container)
        _await_container(client, container)
        return {"container_id": container}

    def commit(self, effect: Effect, client: ProviderClient) -> Committed:
        post_moves(effect, State.SENDING, now=clock.now())
        prepared = effect.prepared or {}
        if prepared.get("is_published"):
            return Committed("", {"was_published": True})
        account = effect.payload["target"]
        return Committed(container_publish(client, account, prepared["container_id"]))

    def verify(self, effect: Effect, client: ProviderClient) -> Verdict:
        """The container knows: it is published or it is not."""
        status = _status(client, (effect.prepared or {})["container_id"])
        if status == "PUBLISHED":
            return Verdict.CONFIRMED()
        if status in {"FINISHED", "ERROR", "EXPIRED"}:
            return _absent(effect)
        return Verdict.STILL_UNKNOWN

    def may_be_live(self, failure: ProviderFailure) -> bool:
        """Instagram says "blocked" of posts that are live all the same."""
        return failure.subcode == IG_BLOCKED


@work_handler("local.post_link", works_when_read_only=True)
def post_link(_tenant: Tenant, *, effect_id: str) -> None:
    """Ask where a live post can be seen. Nothing depends on the answer."""
    effect = Effect.objects.filter(pk=effect_id).first()
    post = PlannedPost.objects.filter(effect_id=effect_id, state=State.LIVE).first()
    if effect is None or post is None or post.remote_url:
        return
    try:
        remote_id, url = _LINKS[effect.kind](effect, client_for(connection_for("meta")))
    except ProviderFailure:
        return
    post_link_keep(post_id=post.pk, url=url, remote_id=remote_id)


def picture_address(picture: MediaFile) -> str:
    """Where Meta fetches it, without signing in, for two days."""
    tenant = current_tenant()
    base_url = tenant_url(tenant, "") if tenant else ""
    return signed_url(picture, base_url=base_url, expires_in=PICTURE_FOR).url


def _facebook_link(effect: Effect, client: ProviderClient) -> tuple[str, str]:
    return effect.remote_id, post_url(client, effect.remote_id)


def _instagram_link(effect: Effect, client: ProviderClient) -> tuple[str, str]:
    """By its id; when only the container told us, by the same words since it was armed."""
    if effect.remote_id:
        return effect.remote_id, media_url(client, effect.remote_id)
    since, others = _since(effect), _other_remote_ids(effect)
    for media in media_lately(client, effect.payload["target"]):
        is_new = media.created_at is not None and media.created_at >= since
        if is_new and media.id not in others and same_words(media.text, effect.payload["text"]):
            return media.id, media.url
    return "", ""


_LINKS: dict[str, Callable[[Effect, ProviderClient], tuple[str, str]]] = {
    "meta.facebook_post": _facebook_link,
    "meta.instagram_image": _instagram_link,
}


def _since(effect: Effect) -> datetime:
    return (effect.armed_at or effect.created_at) - CLOCKS_APART


def _post_of(effect: Effect) -> PlannedPost:
    """The post that still wants this effect, once more fit to be seen. Raises ProviderFailure
    (rejected) for one that is not.
    """
    post = PlannedPost.objects.filter(pk=effect.payload["post_id"], effect_id=effect.pk).first()
    if post is None or post.caption != effect.payload["text"]:
        raise _refusal(GONE)
    try:
        facts_refuse(post)
    except FactsGone as gone:
        raise _refusal(gone.sentence) from gone
    # A person said that it did not go out, and sent it again.
    post_moves(effect, State.SCHEDULED, now=clock.now())
    return post


def _picture(post: PlannedPost) -> MediaFile:
    """The poster as a JPEG, made once."""
    if post.poster is None:
        raise _refusal(NO_PICTURE)
    if not is_shape_taken(post.poster.width, post.poster.height):
        raise _refusal(WRONG_SHAPE)
    key = f"poster-jpeg:{post.poster.sha256}"
    made = MediaFile.objects.filter(key=key).first()
    if made is not None:
        return made
    try:
        content = content_of(post.poster)
    except MediaMissing as error:
        raise _refusal(NO_PICTURE) from error
    return generated_store(
        key=key,
        content=jpeg_of(content),
        mime_type="image/jpeg",
        purpose="poster",
    )


def _status(client: ProviderClient, container: str) -> str:
    """Empty for a container that Instagram no longer knows."""
    try:
        return container_status(client, container)[0]
    except ProviderFailure as failure:
        if failure.kind != "not_found":
            raise
        return ""


def _await_container(client: ProviderClient, container: str) -> None:
    for number in range(CONTAINER_LOOKS):
        status, said = container_status(client, container)
        if status in {"FINISHED", "PUBLISHED"}:
            return
        if status in {"ERROR", "EXPIRED"}:
            raise ProviderFailure("rejected", provider="Instagram", outcome="rejected", detail=said)
        if number + 1 < CONTAINER_LOOKS:
            time.sleep(CONTAINER_WAIT)
    # Not ready yet; the same container is asked again.
    raise ProviderFailure("rate_limited", provider="Instagram", retry_after=CONTAINER_LATER)


def _absent(effect: Effect) -> Verdict:
    is_sure = effect.verify_attempts + 1 >= LOOKS_TO_BE_SURE
    return Verdict.NOT_APPLIED if is_sure else Verdict.STILL_UNKNOWN


def _other_remote_ids(effect: Effect) -> frozenset[str]:
    """What stands there already as another post of ours."""
    others = PlannedPost.objects.exclude(remote_id="").exclude(pk=UUID(effect.payload["post_id"]))
    return frozenset(others.values_list("remote_id", flat=True))


def _refusal(sentence: str) -> ProviderFailure:
    """Refused for a reason that we can say in words of our own."""
    failure = ProviderFailure("rejected", provider="Facebook", outcome="rejected")
    failure.sentence, failure.params = sentence, {}
    return failure
