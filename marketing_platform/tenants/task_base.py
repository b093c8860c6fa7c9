"""The class of every Celery task: it runs for the workspace that its message names, or not at all.

The switch happens inside the call. A signal handler would be too weak: what it raises, Celery logs
and then runs the body in public all the same.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from celery import Task
from celery.exceptions import Reject
from django.conf import settings
from django.db import connection, connections

from marketing_platform.tenants.backend.errors import SchemaMissing
from marketing_platform.tenants.context import current_tenant, public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError, TaskRefused
from marketing_platform.tiers.contracts import resolve

if TYPE_CHECKING:
    from celery import Celery
    from celery.app.task import Context

    from marketing_platform.tenants.models import Tenant

# Headers of a message; the schema's name is for the log, the request's id joins the log lines.
TENANT, SCHEMA, REQUEST = "tenant_id", "tenant_schema", "request_id"
# Celery's own tasks (a chord's unlocking, map) touch no table and may run for nobody.
CELERYS_OWN = "celery."


class TenantTask(Task):
    """A task of a workspace, unless it is marked `public=True`.

    As a message it runs inside the workspace of its header. Without one, or when the workspace is
    unknown or cannot take work, the message becomes a dead letter and the body never runs. A
    workspace that may only read runs what is marked `works_when_read_only=True`. A public task
    runs on the public side, and one that carries a workspace is refused.
    Called as a function it runs for whoever acts; raises TaskRefused when that is nobody.
    """

    abstract = True
    public = False
    works_when_read_only = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        request = self.request
        if request.called_directly or request.is_eager:
            return self._call(request, *args, **kwargs)
        connections_give_back()  # what a task of another class left open
        try:
            with ExitStack() as place:
                try:
                    place.enter_context(self._place(request))
                except TaskRefused as refused:
                    self._bury(request, args, kwargs, refused)
                    raise Reject(str(refused), requeue=False) from None
                # What the body itself raises is its own failure: it has begun.
                return self.run(*args, **kwargs)
        finally:
            connections_give_back()

    def _bury(
        self, request: "Context", args: Any, kwargs: dict[str, Any], refused: TaskRefused
    ) -> None:
        resolve(settings.DEAD_LETTERS)(
            task=self.name,
            task_id=request.id,
            tenant_id=request.get(TENANT),
            queue=(request.delivery_info or {}).get("routing_key") or "",
            arguments=[args, kwargs],
            reason=str(refused.params.get("reason", refused)),
        )

    def _call(self, request: "Context", *args: Any, **kwargs: Any) -> Any:
        body = self.run if request.is_eager else super().__call__
        if self.public:
            with public_context():
                return body(*args, **kwargs)
        if current_tenant() is not None:
            return body(*args, **kwargs)
        # Celery calls the errbacks of a failed task as functions, once its body has been left.
        cause = self.app.current_worker_task
        if cause is None:
            raise TaskRefused(reason="no workspace is acting")
        with self._place(cause.request):
            return body(*args, **kwargs)

    @contextmanager
    def _place(self, request: "Context") -> Iterator[None]:
        """Act for whom the message is meant. Raises TaskRefused."""
        tenant_id = request.get(TENANT)
        if self.public and tenant_id is not None:
            raise TaskRefused(reason="a public task takes no workspace")
        if self.public or (tenant_id is None and self.name.startswith(CELERYS_OWN)):
            with public_context():
                yield
            return
        if not tenant_id:
            raise TaskRefused(reason="its message names no workspace")
        tenant = tenant_found(tenant_id)
        reason = refusal_of(tenant, works_when_read_only=self.works_when_read_only)
        if reason:
            raise TaskRefused(reason=reason)
        with tenant_entered(tenant):
            yield


@contextmanager
def tenant_entered(tenant: "Tenant") -> Iterator[None]:
    """As tenant_context, sure that the schema is there. Raises TaskRefused."""
    with tenant_context(tenant):
        try:
            connection.search_path_apply()
        except SchemaMissing:
            raise TaskRefused(reason="the workspace's schema is missing") from None
        yield


def connections_give_back() -> None:
    """Between tasks, to the pool; a task that is called inside a transaction leaves it alone."""
    for opened in connections.all(initialized_only=True):
        if not opened.in_atomic_block:
            opened.close_if_unusable_or_obsolete()


def refusal_of(tenant: "Tenant | None", *, works_when_read_only: bool) -> str:
    """Why the workspace takes no such work now; empty when it does.

    Raises whatever billing raises: an answer that could not be had is no refusal.
    """
    from marketing_platform.tenants.models import State

    if tenant is None:
        return "there is no such workspace"
    if tenant.state not in {State.ACTIVE, State.CLOSING}:
        return f"the workspace is {tenant.state}"
    if works_when_read_only:
        return ""
    with public_context():
        access = resolve(settings.ENTITLEMENTS)(tenant).access
    return "" if access == "full" else "the workspace may only read now"


def tenant_found(tenant_id: object) -> "Tenant | None":
    """The workspace of an id as a header holds it, read fresh; None for whatever is none."""
    from marketing_platform.tenants.models import Tenant

    try:
        pk = uuid.UUID(str(tenant_id))
    except ValueError:
        return None
    with public_context():
        return Tenant.objects.exclude(tier="public").filter(pk=pk).first()


def publish_headers(
    app: "Celery", name: str, given: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The headers that a message is sent with.

    It belongs to the workspace that acts; on the public side to the one named by `given` (a retry
    repeats its own), else to that of the task which is being run (the next of a chain, a chord's
    body, a link). Raises CrossTenantError when `given` names another workspace than the acting
    one, and TaskRefused when a public task is given one.
    """
    headers = dict(given or {})
    cause = app.current_worker_task
    if cause is not None and cause.request.get(REQUEST):
        headers.setdefault(REQUEST, cause.request.get(REQUEST))
    if getattr(app.tasks.get(name), "public", False):
        if TENANT in headers:
            raise TaskRefused(reason="a public task takes no workspace")
        return headers or None
    tenant = current_tenant()
    if tenant is not None:
        if headers.get(TENANT, str(tenant.pk)) != str(tenant.pk):
            raise CrossTenantError
        headers |= {TENANT: str(tenant.pk), SCHEMA: tenant.schema_name}
    elif TENANT not in headers and cause is not None and cause.request.get(TENANT):
        headers |= {key: cause.request.get(key) for key in (TENANT, SCHEMA)}
    return headers or None
