"""The one address that providers know, on the public host: it hands their answer on."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketing_platform.connections.errors import SignInUnfinished
from marketing_platform.connections.oauth import tenant_id_of
from marketing_platform.connections.views import said
from marketing_platform.core import clock
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_url

HANDED_ON = ("state", "code", "error")
LONGEST = 4000


@never_cache
@require_GET
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """To the workspace that the state was signed for; it checks everything else itself."""
    answer = {name: request.GET.get(name, "")[:LONGEST] for name in HANDED_ON}
    try:
        tenant_id = tenant_id_of(answer["state"], provider, now=clock.now())
        tenant = Tenant.objects.filter(pk=tenant_id, state=State.ACTIVE).first()
        if tenant is None:
            raise SignInUnfinished
    except SignInUnfinished as error:
        return render(request, "connections/refused.html", {"sentence": said(error)}, status=400)
    query = urlencode({name: text for name, text in answer.items() if text})
    return redirect(tenant_url(tenant, f"/settings/connections/{provider}/complete/?{query}"))
