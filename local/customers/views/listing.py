from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from local.customers.engine.segments import Segment
from local.customers.forms import NewCustomerForm, SearchForm
from local.customers.selectors import customers_page, has_sample, segment_counts
from local.customers.services import (
    customer_create,
    customers_export,
    sample_clear,
    sample_show,
)
from local.customers.views.common import may_work, sees_numbers, shown_phone
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

LABELS = {
    Segment.ALL_AGREED: gettext_noop("Agreed to offers"),
    Segment.NEW: gettext_noop("New"),
    Segment.REGULAR: gettext_noop("Regular"),
    Segment.VIP: gettext_noop("Best"),
    Segment.DUE: gettext_noop("Due again"),
    Segment.SLIPPING: gettext_noop("Slipping away"),
    Segment.LOST: gettext_noop("Lost"),
    Segment.BIRTHDAY_WEEK: gettext_noop("Birthday this week"),
}
WHY = {
    Segment.ALL_AGREED: gettext_noop("May be sent offers and news on WhatsApp."),
    Segment.NEW: gettext_noop("Came once, in the last 30 days."),
    Segment.REGULAR: gettext_noop("Came on 3 days or more, and are not away longer than usual."),
    Segment.VIP: gettext_noop("The tenth that has spent most; shown from 20 customers with bills."),
    Segment.DUE: gettext_noop("About as long away as they usually are."),
    Segment.SLIPPING: gettext_noop("Away a third longer than they usually are."),
    Segment.LOST: gettext_noop("Away twice as long as they usually are, or longer."),
    Segment.BIRTHDAY_WEEK: gettext_noop("Have their birthday in the next 7 days."),
}
BY_TIME = {Segment.DUE, Segment.SLIPPING, Segment.LOST, Segment.REGULAR}


@never_cache
@require_safe
@requires(Permission.READ)
def customer_list(request: HttpRequest) -> HttpResponse:
    """Everybody, those seen last first; `q` searches, `segment` narrows."""
    form = SearchForm(request.GET)
    form.is_valid()
    search = form.cleaned_data.get("q") or ""
    wanted = form.cleaned_data.get("segment") or ""
    segment = Segment(wanted) if wanted in set(Segment) else None
    counts = segment_counts(clock.now(), with_sample=True)
    page = customers_page(
        search=search,
        among=counts.members[segment] if segment else None,
        page=form.cleaned_data.get("page") or 1,
        sees_numbers=sees_numbers(request),
    )
    context = {
        "rows": [{"row": row, "phone": _phone(request, row.phone)} for row in page.rows],
        "page": page,
        "search": search,
        "segment": segment,
        "why": gettext(WHY[segment]) if segment else "",
        "assumes": counts.usual_gap if segment in BY_TIME else 0,
        "chips": [
            _chip(each, counts.count(each), segment)
            for each in Segment
            if counts.count(each) or each is segment
        ],
        "customers": counts.customers,
        "is_sample": counts.customers > 0 and has_sample(),
        "more_url": _url(search, segment, page.page + 1) if page.has_more else "",
        "less_url": _url(search, segment, page.page - 1) if page.has_less else "",
        "may_change": may_work(request),
        "may_export": allowed(request.membership.role, Permission.EXPORT),
    }
    return render(request, "local/customers/list.html", context)


@require_POST
@requires(Permission.WORK)
def customer_sample(request: HttpRequest) -> HttpResponse:
    """Put invented customers into an empty list (`do`: show), or take them out (`do`: clear)."""
    if request.POST.get("do") == "clear":
        if sample_clear():
            messages.success(request, gettext("The invented customers are gone."))
    elif not sample_show(now=clock.now(), actor_id=request.user.pk):
        messages.info(request, gettext("Your list has customers already, so none were invented."))
    return redirect("local-customers")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def customer_add(request: HttpRequest) -> HttpResponse:
    form = NewCustomerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = customer_create(now=clock.now(), actor_id=request.user.pk, **form.cleaned_data)
        except PlatformError as error:
            form.add_error(error.field, sentence_of(error))
        else:
            messages.success(request, gettext("Added to your customers."))
            return redirect("local-customer", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "local/customers/add.html", {"form": form}, status=status)


@never_cache
@require_safe
@requires(Permission.EXPORT)
def customer_export(request: HttpRequest) -> HttpResponse:
    """The whole list as a file; without numbers for those who may not see them."""
    is_xlsx = request.GET.get("format") == "xlsx"
    content = customers_export(
        file_format="xlsx" if is_xlsx else "csv",
        sees_numbers=sees_numbers(request),
        say=gettext,
        now=clock.now(),
        actor_id=request.user.pk,
    )
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    mime_type = f"application/{kind}" if is_xlsx else "text/csv; charset=utf-8"
    name = f"customers-{clock.today().isoformat()}.{'xlsx' if is_xlsx else 'csv'}"
    answer = HttpResponse(content, content_type=mime_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _phone(request: HttpRequest, phone: str) -> str:
    return shown_phone(request, phone) if phone.startswith("+") and "•" not in phone else phone


def _chip(segment: Segment, count: int, chosen: Segment | None) -> dict[str, Any]:
    is_chosen = segment is chosen
    return {
        "label": gettext(LABELS[segment]),
        "count": count,
        "is_chosen": is_chosen,
        "url": "?" if is_chosen else f"?segment={segment.value}",
    }


def _url(search: str, segment: Segment | None, page: int) -> str:
    given = {"q": search, "segment": segment.value if segment else "", "page": page}
    return f"?{urlencode({name: value for name, value in given.items() if value})}"
