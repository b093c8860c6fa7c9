"""Who signs in and how, and the people who help them."""

from marketing_platform.settings import environment

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["marketing_platform.users.backends.WorkspaceBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 90 * 24 * 3600
# Staff sign in again each working day.
STAFF_SESSION_HOURS = environment.number("STAFF_SESSION_HOURS", 12)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "marketing_platform.dashboard.errors.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/my/"
ACCOUNT_ADAPTER = "marketing_platform.onboarding.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# Ours count instead: these let a stranger use up a person's own tries.
ACCOUNT_RATE_LIMITS = False
CODE_LIFETIME_SECONDS = 300
CODE_TRIES = 3
# The invented numbers of the demo take this code; empty (everywhere but development) means none.
DEMO_CODE = ""
DEMO_PHONES = "+91999990"
# Codes to numbers cost money: of everybody in 24 hours, and to one number.
CODES_PER_DAY = environment.number("CODES_PER_DAY", 5000)
CODES_PER_NUMBER_AND_DAY = environment.number("CODES_PER_NUMBER_AND_DAY", 10)
# Codes at sign-in leave without the page waiting for the provider, so that the time the answer
# takes does not tell whether a number has an account.
# Asking for a code or a new password is answered no sooner, whether there is an account or not.
ANSWER_FLOOR_MS = environment.number("ANSWER_FLOOR_MS", 250)
SENDS_IN_BACKGROUND = environment.flag("SENDS_IN_BACKGROUND", False)
# --- messages to our own users: WhatsApp from our line, text messages (MSG91, DLT), e-mail
MESSAGES_WHATSAPP_URL = environment.text(
    "MESSAGES_WHATSAPP_URL", "https://graph.facebook.com/v26.0"
)
MESSAGES_WHATSAPP_NUMBER_ID = environment.text("MESSAGES_WHATSAPP_NUMBER_ID", "")
MESSAGES_WHATSAPP_TOKEN = environment.text("MESSAGES_WHATSAPP_TOKEN", "")
MESSAGES_WHATSAPP_CODE_TEMPLATE = environment.text("MESSAGES_WHATSAPP_CODE_TEMPLATE", "")
MESSAGES_WHATSAPP_NOTICE_TEMPLATE = environment.text("MESSAGES_WHATSAPP_NOTICE_TEMPLATE", "")
SMS_URL = environment.text("SMS_URL", "https://control.msg91.com")
SMS_AUTH_KEY = environment.text("SMS_AUTH_KEY", "")
SMS_HEADER = environment.text("SMS_HEADER", "")
SMS_CODE_TEMPLATE = environment.text("SMS_CODE_TEMPLATE", "")
SMS_NOTICE_TEMPLATE = environment.text("SMS_NOTICE_TEMPLATE", "")
EMAIL_HOST = environment.text("EMAIL_HOST", "")
EMAIL_PORT = environment.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "")
# How long the old number can stop a change of number that our staff approved.
NUMBER_CHANGE_WAIT_SECONDS = environment.number("NUMBER_CHANGE_WAIT_SECONDS", 24 * 3600)
# Days without a sign-in after which a code to the number alone opens no account.
IDLE_DAYS = 180
TRIAL_DAYS = environment.number("TRIAL_DAYS", 14)

# --- people who help: e-mail, WhatsApp number and hours as they stand on the help page
SUPPORT_EMAIL = environment.text("SUPPORT_EMAIL", "")
SUPPORT_WHATSAPP = environment.text("SUPPORT_WHATSAPP", "")
SUPPORT_HOURS = environment.text("SUPPORT_HOURS", "10:00–18:00")

# --- the complaints officer whom Indian law asks us to name
GRIEVANCE_OFFICER_NAME = environment.text("GRIEVANCE_OFFICER_NAME", "")
GRIEVANCE_OFFICER_EMAIL = environment.text("GRIEVANCE_OFFICER_EMAIL", "")
GRIEVANCE_OFFICER_PHONE = environment.text("GRIEVANCE_OFFICER_PHONE", "")

# --- how long staff may look into a workspace before they must give a reason again
SUPPORT_VISIT_MINUTES = environment.number("SUPPORT_VISIT_MINUTES", 30)

# --- staff prove who they are twice; production asks for it unless it says no
STAFF_SECOND_FACTOR = environment.flag("STAFF_SECOND_FACTOR", False)
