"""What stands behind a run hash."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from enterprise.market_intelligence.engine.wording import WAYS
from enterprise.market_intelligence.selectors import evidence_of
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_safe
@requires(Permission.READ)
def evidence(request: HttpRequest, run_hash: str) -> HttpResponse:
    found = evidence_of(run_hash)
    units = {each.metric: each.unit for each in found.findings}
    errors = [
        {
            "series": name,
            "unit": units.get(name, ""),
            "origins": fact["origins"],
            "rows": [
                {"way": WAYS[way], "error": error, "is_chosen": way == fact["chosen"]}
                for way, error in fact["errors"].items()
            ],
        }
        for name, fact in found.facts.items()
        if isinstance(fact, dict) and "errors" in fact
    ]
    stages = found.facts.get("stages", ())
    context = {"evidence": found, "errors": errors, "stages": stages}
    return render(request, "enterprise/insights/evidence.html", context)
