"""The language switch, on every host: remembered in a cookie and, signed in, with the person."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from marketing_platform.users.handoff import safe_next
from marketing_platform.users.language import language_keep
from marketing_platform.users.models import User
from marketing_platform.users.permissions import public_page
from marketing_platform.users.sessions import CHOSEN_LANGUAGE


@public_page
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    response = redirect(safe_next(request.POST.get("next", "/")))
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        language_keep(response, language, is_secure=request.is_secure())
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
        else:
            request.session[CHOSEN_LANGUAGE] = language
    return response
