"""The API of imported data: send rows, list sources and imports, read the quality report."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from enterprise.data_sources import services
from enterprise.data_sources.api import docs, shapes
from enterprise.data_sources.engine.contracts import Problem
from enterprise.data_sources.engine.json_rows import KINDS
from enterprise.data_sources.engine.quality.contracts import Issue, QualityReport
from enterprise.data_sources.engine.tables import Sentence
from enterprise.data_sources.errors import PlaceUnknown
from enterprise.data_sources.selectors import batches_of_source, quality_of_workspace, sources
from marketing_platform.api.views import WorkspaceAPIView
from marketing_platform.core import clock
from marketing_platform.users.permissions import Permission

PAGE = 50
MOST_SOURCES = 200


class RowsView(WorkspaceAPIView):
    permission = Permission.WORK
    tier = "enterprise"
    Input = shapes.RowsInput
    Output = shapes.RowsOutput

    @extend_schema(
        operation_id="enterprise_data_rows",
        summary="Send rows of spend, outcomes, leads or deals",
        description=docs.ROWS_DESCRIPTION,
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(KINDS))
        ],
        request=Input,
        responses={200: Output, 422: Output},
        examples=[
            OpenApiExample("Two rows of spend", value=docs.ROWS_REQUEST, request_only=True),
            OpenApiExample("An answer", value=docs.ROWS_ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request, kind: str) -> Response:
        sent = self.parse(self.Input, request)
        plain = request._request
        done = services.rows_send(
            kind=kind,
            rows=sent["rows"],
            source=sent["source"],
            grain=sent.get("grain", ""),
            rates=sent["rates"],
            good_rows_only=sent["good_rows_only"],
            actor_id=plain.user.pk if plain.user.is_authenticated else None,
            now=clock.now(),
        )
        answer = {
            "import_id": done.batch.pk if done.batch else None,
            "repeated": done.is_repeated,
            "imported": done.imported,
            "replaced": done.replaced,
            "refused": done.refused,
            "errors": [_problem(problem) for problem in done.problems],
        }
        return Response(self.Output(answer).data, status=200 if done.batch else 422)


class SourcesView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"
    Output = shapes.SourcesOutput

    @extend_schema(
        operation_id="enterprise_data_sources",
        summary="Where the data comes from",
        description=docs.SOURCES_DESCRIPTION,
        responses={200: Output},
        examples=[OpenApiExample("One source", value=docs.SOURCES_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(self.Output({"sources": sources()[:MOST_SOURCES]}).data)


class ImportsView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"
    Output = shapes.ImportsOutput

    @extend_schema(
        operation_id="enterprise_data_imports",
        summary="Imports that hold",
        description=docs.IMPORTS_DESCRIPTION,
        parameters=[
            OpenApiParameter("source", OpenApiTypes.INT, description="Only of this source."),
            OpenApiParameter("before", OpenApiTypes.INT, description="`next` of the page before."),
        ],
        responses={200: Output},
        examples=[OpenApiExample("One import", value=docs.IMPORTS_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        rows = batches_of_source(_number(request, "source")).order_by("-id")
        before = _number(request, "before")
        if before is not None:
            rows = rows.filter(pk__lt=before)
        page = list(rows[: PAGE + 1])
        following = page[PAGE - 1].pk if len(page) > PAGE else None
        return Response(self.Output({"imports": page[:PAGE], "next": following}).data)


class QualityView(WorkspaceAPIView):
    permission = Permission.READ
    tier = "enterprise"
    Output = shapes.QualityOutput

    @extend_schema(
        operation_id="enterprise_data_quality",
        summary="What is wrong with the data, and what it suffices for",
        description=docs.QUALITY_DESCRIPTION,
        responses={200: Output},
        examples=[OpenApiExample("A report", value=docs.QUALITY_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(self.Output(_report(quality_of_workspace(clock.today()))).data)


def _report(report: QualityReport) -> dict[str, Any]:
    return {
        "date": report.today,
        "rows_hash": report.rows_hash,
        "grades": [
            {
                "engine": grade.engine,
                "state": grade.state.value,
                "reasons": [_said(sentence) for sentence in grade.reasons],
            }
            for grade in report.grades
        ],
        "issues": [_issue(issue) for issue in report.issues],
        "tables": report.tables,
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "key": issue.key,
        "code": issue.code,
        "severity": issue.severity.value,
        "table": issue.table,
        "column": issue.column,
        "n": issue.n,
        "example": issue.example,
        "sentence": _said(issue.title),
        "fix": _said(issue.fix),
        "can_be_fixed_here": issue.action is not None,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.line - 1,
        "field": problem.column,
        "value": problem.value,
        "problem": gettext(problem.problem),
        "fix": gettext(problem.fix),
    }


def _said(sentence: Sentence) -> str:
    text = gettext(sentence.text)
    return text % sentence.params if sentence.params else text


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise PlaceUnknown(field=name)
    return int(text)
