"""An authorization server of django-oauth-toolkit in one file: settings, a sign-in page, one user and one client.

python test/servers/django-oauth-toolkit/serve.py
"""

import os
import sys
import tempfile

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

app = "http://localhost:5190"
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

settings.configure(
    DEBUG=True,
    SECRET_KEY="not-a-secret-of-anything",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(tempfile.mkdtemp(), "db.sqlite3"),
            # What must not happen twice at once waits here, as it does in a database of a server.
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "corsheaders",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "corsheaders.middleware.CorsMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ],
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "registration/login.html": "<!doctype html><title>Sign in</title>"
                            '<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form>'
                        },
                    ),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    LOGIN_URL="/login/",
    CORS_ALLOWED_ORIGINS=[app],
    # So that a page can read why a token was refused.
    CORS_EXPOSE_HEADERS=["WWW-Authenticate"],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": pem,
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "SCOPES": {"openid": "who you are", "profile": "your name", "email": "your address"},
        "ACCESS_TOKEN_EXPIRE_SECONDS": 60,
        "ID_TOKEN_EXPIRE_SECONDS": 60,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REQUEST_APPROVAL_PROMPT": "auto",
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        "ALLOWED_SCHEMES": ["http", "https"],
    },
)

import django  # noqa: E402

sys.modules.setdefault("serve", sys.modules[__name__])
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from oauth2_provider.models import get_application_model, get_refresh_token_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402


class Validator(OAuth2Validator):
    """Says which claims the user has."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "name": "profile", "email": "email"}

    def get_additional_claims(self):
        return {"name": lambda request: request.user.get_full_name(), "email": lambda request: request.user.email}

    # The base class has neither, and answers prompt=none with status 500. The view sees to it that somebody is logged in.
    def validate_silent_authorization(self, request):
        return True

    def validate_silent_login(self, request):
        return True


@csrf_exempt
def end_session(request, sub):
    """Stands for the administrator who takes a user's tokens away."""
    for token in get_refresh_token_model().objects.filter(user_id=sub):
        token.revoke()
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()
    return HttpResponse(status=204)


urlpatterns = [
    path("login/", LoginView.as_view()),
    path("end-session/<int:sub>/", end_session),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

call_command("migrate", verbosity=0)
get_user_model().objects.create_user(
    "alice", "alice@example.com", "secret", first_name="Alice", last_name="Liddell"
)
Application = get_application_model()
for client_id, asks in (("spa", False), ("spa-consent", True)):
    Application.objects.create(
        client_id=client_id,
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=f"{app}/callback.html",
        post_logout_redirect_uris=f"{app}/bye {app}/",
        allowed_origins=app,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=not asks,
    )
call_command("runserver", "localhost:8091", "--noreload")
