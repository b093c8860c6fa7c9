"""Bodies that are made after the view has returned are still made inside its workspace."""

from django.http import FileResponse, StreamingHttpResponse

from marketing_platform.tenants.context import bound, each_in, each_in_async, tenant_context
from marketing_platform.tenants.models import Tenant


def stream_inside(tenant: Tenant, answer: StreamingHttpResponse) -> None:
    """Each part, and the closing, runs for the workspace; in between nobody acts.

    An open file asks nothing of the database, and stays one for the server's own way of sending.
    """
    if isinstance(answer, FileResponse) and answer.file_to_stream is not None:
        return
    each = each_in_async if answer.is_async else each_in
    with tenant_context(tenant):
        answer._resource_closers = [bound(closer) for closer in answer._resource_closers]
    answer.streaming_content = each(tenant, answer._iterator)
