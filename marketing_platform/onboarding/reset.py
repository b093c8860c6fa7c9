"""allauth's password reset behind our own limits."""

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.onboarding.pages import answers_alike, client_address

RESETS_PER_ADDRESS = 20
RESETS_PER_EMAIL_AND_ADDRESS = 5
# Above what one caller can use up, so that strangers cannot keep a person from theirs.
RESETS_PER_EMAIL = 30


@never_cache
@answers_alike
def password_reset(request: HttpRequest) -> HttpResponse:
    """Counts before anything is looked up. Raises LimitReached, which is answered with 429."""
    if request.method == "POST":
        email = request.POST.get("email", "").strip().lower()[:254]
        address = client_address(request)
        limit_per_hour(
            "password resets per hour", f"{email}:{address}", RESETS_PER_EMAIL_AND_ADDRESS
        )
        limit_per_hour("password resets per internet address", address, RESETS_PER_ADDRESS)
        limit_per_hour("password resets per e-mail", email, RESETS_PER_EMAIL)
    return views.password_reset(request)
