"""What becomes of a post once it is planned: its state follows the ledger, never the other way."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from local.automation.google_business.models import GooglePost
from local.automation.social_media.engine.posting import BY_EFFECT, UNDER_WAY, WAITING, State
from local.automation.social_media.errors import FactsGone
from local.automation.social_media.models import CoachingResult, Offer, PlannedPost
from marketing_platform.effects.models import Effect

URL_LENGTH = 500


def facts_refuse(post: PlannedPost) -> None:
    """Raises FactsGone when its offer has ended or the consent to its result was taken back."""
    offer_id, result_id = post.source.get("offer_id"), post.source.get("result_id")
    if offer_id:
        running = Offer.objects.filter(
            pk=int(offer_id),
            is_active=True,
            valid_from__lte=post.on,
            valid_until__gte=post.on,
        )
        if not running.exists():
            raise FactsGone
    if result_id and not CoachingResult.objects.filter(pk=int(result_id), is_active=True).exists():
        raise FactsGone


def post_moves(effect: Effect, to: State, *, now: datetime) -> None:
    """Write what the ledger says. A post that was edited has let go of the effect and stays."""
    facts: dict[str, object] = {"state": to, "changed_at": now}
    if to == State.LIVE:
        facts |= {
            "live_at": now,
            "remote_id": effect.remote_id,
            "late_minutes": effect.late_minutes,
        }
        facts |= {"failure_sentence": "", "failure_params": {}}
    elif to in {State.REJECTED, State.EXPIRED, State.CANCELLED, State.NEEDS_CHECK}:
        facts |= {
            "failure_sentence": effect.failure_sentence,
            "failure_params": effect.failure_params,
        }
    mine = PlannedPost.objects.filter(effect_id=effect.pk, state__in=sorted(UNDER_WAY))
    mine.exclude(state=to).update(**facts)


def post_link_keep(*, post_id: UUID, url: str, remote_id: str = "") -> None:
    """Where it can be seen; nothing depends on it."""
    mine = PlannedPost.objects.filter(pk=post_id, state=State.LIVE)
    if url.startswith(("https://", "http://")):
        mine.update(remote_url=url[:URL_LENGTH])
    if remote_id:
        mine.filter(remote_id="").update(remote_id=remote_id[:300])


def posts_tidy(*, now: datetime) -> int:
    """End what nobody said yes to on its day, and follow the posts that Google's feature sends.

    Returns how many changed; running it again changes nothing more.
    """
    over = PlannedPost.objects.filter(state__in=sorted(WAITING), expires_at__lte=now)
    changed = over.update(state=State.EXPIRED, approved_hash="", changed_at=now)
    return changed + _google_follow(now)


def _google_follow(now: datetime) -> int:
    posts = PlannedPost.objects.filter(
        Q(state__in=sorted(UNDER_WAY)) | Q(state=State.LIVE, remote_url=""),
        network="google_business",
        effect_id__isnull=False,
    )
    by_effect = {post.effect_id: post for post in posts}
    changed = 0
    for effect in Effect.objects.filter(pk__in=by_effect):
        post, to = by_effect[effect.pk], BY_EFFECT[effect.state]
        if to != post.state:
            post_moves(effect, to, now=now)
            changed += 1
        sent = GooglePost.objects.filter(effect_id=effect.pk).exclude(live_url="").first()
        if sent is not None and to == State.LIVE:
            post_link_keep(post_id=post.pk, url=sent.live_url)
    return changed
