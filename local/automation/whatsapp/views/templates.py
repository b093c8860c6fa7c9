"""Messages: their list, writing one, handing it to WhatsApp."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.automation.whatsapp.engine.filling import filled
from local.automation.whatsapp.errors import TemplateFaulty
from local.automation.whatsapp.forms import LANGUAGE_NAMES, TemplateForm
from local.automation.whatsapp.models import MessageTemplate
from local.automation.whatsapp.selectors.account import whatsapp_connection
from local.automation.whatsapp.selectors.campaigns import template_of, templates_all
from local.automation.whatsapp.selectors.starters import LANGUAGES, starter_of, starters
from local.automation.whatsapp.services.templates import template_save, template_submit
from local.automation.whatsapp.views.shared import interface_language, may
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_safe
@requires(Permission.READ)
def templates(request: HttpRequest) -> HttpResponse:
    language = interface_language()
    context = {
        "rows": [
            {
                "template": each,
                "language": LANGUAGE_NAMES.get(each.language, each.language),
                "lang": each.language[:2],
            }
            for each in templates_all()
        ],
        "starters": [
            {
                "slug": each.slug,
                "title": each.titles[language],
                "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
            }
            for each in starters()
        ],
        "may_work": may(request, Permission.WORK),
    }
    return render(request, "local/whatsapp/templates.html", context)


@never_cache
@require_safe
@requires(Permission.WORK)
def template_new(request: HttpRequest) -> HttpResponse:
    starter, language = starter_of(request.GET.get("starter", "")), request.GET.get("language", "")
    initial: dict[str, Any] = {"language": "en_IN", "footer": ""}
    examples: Any = {}
    if starter is not None and language in LANGUAGES:
        draft = starter.draft(language)
        examples = draft.examples
        initial = {
            "title": starter.titles[interface_language()],
            "language": language,
            "category": draft.category,
            "body": draft.body,
            "footer": draft.footer,
        }
    return _form_page(request, TemplateForm(initial=initial, examples=examples))


@require_POST
@requires(Permission.WORK)
def template_add(request: HttpRequest) -> HttpResponse:
    return _save(request, TemplateForm(request.POST), None)


@never_cache
@require_safe
@requires(Permission.READ)
def template_page(request: HttpRequest, template_id: int) -> HttpResponse:
    template = template_of(template_id)
    form = TemplateForm(initial=_initial(template), examples=template.examples, name=template.name)
    return _form_page(request, form, template)


@require_POST
@requires(Permission.WORK)
def template_change(request: HttpRequest, template_id: int) -> HttpResponse:
    template = template_of(template_id)
    return _save(request, TemplateForm(request.POST, name=template.name), template)


@require_POST
@requires(Permission.APPROVE_SPEND)
def template_hand_over(request: HttpRequest, template_id: int) -> HttpResponse:
    try:
        template_submit(template_id=template_id, now=clock.now(), actor_id=request.user.pk)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("On its way to WhatsApp. It usually answers in a day."))
    return redirect("local-template", template_id)


def _initial(template: MessageTemplate) -> dict[str, Any]:
    button = template.buttons[0] if template.buttons else {}
    return {
        "title": template.title,
        "language": template.language,
        "category": template.category,
        "header": template.header,
        "body": template.body,
        "footer": template.footer,
        "button_kind": button.get("kind", ""),
        "button_text": button.get("text", ""),
        "button_value": button.get("url") or button.get("code") or "",
    }


def _save(
    request: HttpRequest, form: TemplateForm, template: MessageTemplate | None
) -> HttpResponse:
    if form.is_valid():
        try:
            saved = template_save(
                draft=form.draft(),
                title=form.cleaned_data["title"],
                now=clock.now(),
                template_id=template.pk if template else None,
                actor_id=request.user.pk,
            )
        except TemplateFaulty as error:
            form.findings_show(error.findings)
        except PlatformError as error:
            field = error.field if error.field in form.fields else None
            form.add_error(field, sentence_of(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("local-template", saved.pk)
    return _form_page(request, form, template, status=422)


def _form_page(
    request: HttpRequest,
    form: TemplateForm,
    template: MessageTemplate | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "template": template,
        "is_editable": template is None or template.is_editable,
        "preview": _preview(template) if template else None,
        "lang": template.language[:2] if template else "",
        "buttons": template.buttons if template else (),
        "is_connected": whatsapp_connection() is not None,
        "may_work": may(request, Permission.WORK),
        "may_submit": may(request, Permission.APPROVE_SPEND),
    }
    return render(request, "local/whatsapp/template.html", context, status=status)


def _preview(template: MessageTemplate) -> dict[str, Any]:
    parts = (template.header, template.body, template.footer)
    text = "\n\n".join(filled(part, template.examples) for part in parts if part)
    return {"caption": text, "hashtags": (), "call_to_action": ""}
