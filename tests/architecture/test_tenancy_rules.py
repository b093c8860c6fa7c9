"""What no code may do, because it has leaked or would leak between workspaces."""

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketing_platform", "enterprise", "local", "billing")
TENANTS = "marketing_platform/tenants/"
ENTERING = {"tenant_context", "public_context"}

Rule = Callable[[ast.AST], Iterator[str]]


# --- reading


@functools.cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every rule reads every file: they are walked over once."""
    return tuple(ast.walk(tree))


@functools.cache
def name_of(node: ast.AST) -> str:
    """`a.b.c` of a name or an attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}".lstrip(".")
    return name_of(node.func) if isinstance(node, ast.Call) else ""


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Every imported name with its module, wherever it stands."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls_of(tree: ast.AST) -> Iterator[str]:
    return (name_of(node) for node in nodes_of(tree) if isinstance(node, ast.Call))


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Texts of the code, what documents it aside."""
    documents = {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)}
    for node in nodes_of(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documents:
            yield node.value


# --- the rules


def enters_a_tenant_itself(tree: ast.AST) -> Iterator[str]:
    for node in nodes_of(tree):
        if not isinstance(node, ast.With | ast.AsyncWith):
            continue
        for item in node.items:
            name = name_of(item.context_expr)
            is_plain = not isinstance(item.context_expr, ast.Call)
            if is_plain and name.rpartition(".")[2] in {"tenant", "workspace"}:
                yield f"with {name}: shares its stack by threads"


def uses_the_library_s_contexts(tree: ast.AST) -> Iterator[str]:
    contexts = {"schema_context", "tenant_context", "get_tenant_model", "remove_www"}
    for name in imports_of(tree):
        module, _dot, last = name.rpartition(".")
        if module.startswith("django_tenants") and last in contexts:
            yield f"{name} knows no tier"


def yields_inside_a_workspace(tree: ast.AST) -> Iterator[str]:
    """A half-read generator would leave its caller there."""
    for function in nodes_of(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        marks = {name_of(mark).rpartition(".")[2] for mark in function.decorator_list}
        if marks & {"contextmanager", "asynccontextmanager", "fixture"}:
            continue
        for block in own_nodes(function):
            if not isinstance(block, ast.With | ast.AsyncWith):
                continue
            entered = {name_of(item.context_expr).rpartition(".")[2] for item in block.items}
            if entered & ENTERING and any(
                isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(block)
            ):
                yield f"{function.name} yields inside {', '.join(sorted(entered & ENTERING))}"


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What is inside, functions defined there left out."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield node
        yield from own_nodes(node)


def caches_whole_pages(tree: ast.AST) -> Iterator[str]:
    banned = {"cache_page", "UpdateCacheMiddleware", "FetchFromCacheMiddleware"}
    found = [*imports_of(tree), *texts_of(tree)]
    yield from (
        f"{name} keeps one person's page for another"
        for name in found
        if name.rpartition(".")[2] in banned
    )


def empties_the_cache(tree: ast.AST) -> Iterator[str]:
    for name in calls_of(tree):
        if name == "cache.clear" or name.endswith((".flushdb", ".flushall")):
            yield f"{name} empties it for everybody; see tenants.cache.cache_clear"


def talks_to_redis(tree: ast.AST) -> Iterator[str]:
    for name in imports_of(tree):
        module = name.partition(".")[0]
        if module in {"redis", "valkey", "django_redis"} and ".exceptions" not in name:
            yield f"{name}: keys made by hand carry no workspace"


def signs_by_itself(tree: ast.AST) -> Iterator[str]:
    banned = ("django.core.signing", "itsdangerous")
    for name in imports_of(tree):
        if name.startswith(banned):
            yield f"{name} signs for every workspace alike; see tenants.signing"


def sets_the_schema(tree: ast.AST) -> Iterator[str]:
    for node in nodes_of(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if name_of(target) in {"connection.schema_name", "connection.tenant"}:
                yield f"{name_of(target)} is not for setting"
    for text in texts_of(tree):
        if "search_path" in text:
            yield f"search_path in {text[:40]!r}"


def writes_round_the_guard(tree: ast.AST) -> Iterator[str]:
    for name in calls_of(tree):
        last = name.rpartition(".")[2]
        if last in {"_raw_delete", "save_base"} and not name.startswith("super"):
            yield f"{name} is below the guard"


def stores_files_by_itself(tree: ast.AST) -> Iterator[str]:
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr == "MEDIA_ROOT":
            yield "MEDIA_ROOT holds every workspace's folder; ask the storage"


# Where each rule does not hold, and why.
RULES: dict[Rule, dict[str, str]] = {
    enters_a_tenant_itself: {},
    uses_the_library_s_contexts: {},
    yields_inside_a_workspace: {},
    caches_whole_pages: {},
    empties_the_cache: {},
    talks_to_redis: {
        "marketing_platform/operations/health.py": "asks whether it can be written to",
        "marketing_platform/operations/testing.py": "notes which run has which test database",
    },
    signs_by_itself: {
        f"{TENANTS}signing.py": "puts the workspace into the salt",
        "marketing_platform/users/handoff.py": "crosses hosts; the workspace is inside, checked",
        "marketing_platform/users/known_browsers.py": "of the public host, where people sign in; "
        "names no workspace and opens nothing",
        "marketing_platform/operations/backup/archive.py": "a backup may be read by its operator "
        "alone; the workspace is inside the signed manifest",
    },
    sets_the_schema: {TENANTS: "the backend, and schemas made and migrated by name"},
    writes_round_the_guard: {},
    stores_files_by_itself: {
        f"{TENANTS}storage.py": "chooses the workspace's folder",
        "marketing_platform/operations/": "health, backup and restore, for all of them",
    },
}


@functools.cache
def trees() -> dict[str, ast.Module]:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text()) for file in files}


@functools.cache
def found_by(rule: Rule) -> list[tuple[str, str]]:
    return [(name, problem) for name, tree in trees().items() for problem in rule(tree)]


def broken(rule: Rule, allowed: Iterable[str]) -> list[str]:
    return [
        f"{name}: {problem}"
        for name, problem in found_by(rule)
        if not name.startswith(tuple(allowed))
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_code_breaks_the_rule(rule: Rule) -> None:
    assert broken(rule, RULES[rule]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_exception_is_still_needed(rule: Rule) -> None:
    for place in RULES[rule]:
        assert (ROOT / place).exists(), place
        others = set(RULES[rule]) - {place}
        assert any(line.startswith(place) for line in broken(rule, others)), place


# --- each rule sees what it is for, and not its neighbour


SEEN = {
    enters_a_tenant_itself: ["with tenant:\n    pass", "with row.tenant, x():\n    pass"],
    uses_the_library_s_contexts: [
        "from django_tenants.utils import schema_context",
        "def f():\n    from django_tenants.utils import tenant_context",
    ],
    yields_inside_a_workspace: [
        "def rows():\n    with tenant_context(t):\n        yield 1",
        "def rows():\n    with a(), c.public_context():\n        for x in y:\n            yield x",
        "async def rows():\n    with tenant_context(t):\n        yield from z",
    ],
    caches_whole_pages: [
        "from django.views.decorators.cache import cache_page",
        "MIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware']",
    ],
    empties_the_cache: ["cache.clear()", "client.flushdb()"],
    talks_to_redis: ["import redis", "from redis import Redis", "from django_redis import x"],
    signs_by_itself: [
        "from django.core import signing",
        "import django.core.signing",
        "from django.core.signing import dumps",
    ],
    sets_the_schema: [
        "connection.schema_name = 'x'",
        "cursor.execute('SET search_path = x')",
        "cursor.execute(f'SET LOCAL search_path TO {x}')",
    ],
    writes_round_the_guard: ["rows._raw_delete('default')", "row.save_base(raw=True)"],
    stores_files_by_itself: ["open(settings.MEDIA_ROOT / 'x')"],
}
UNSEEN = {
    enters_a_tenant_itself: [
        "with tenant_context(tenant):\n    pass",
        "with open(x) as f:\n    pass",
    ],
    uses_the_library_s_contexts: ["from marketing_platform.tenants.context import tenant_context"],
    yields_inside_a_workspace: [
        "@contextmanager\ndef inside():\n    with tenant_context(t):\n        yield",
        "def rows():\n    with tenant_context(t):\n        found = list(x)\n    yield from found",
        "def rows():\n    with tenant_context(t):\n        def inner():\n            yield 1",
    ],
    caches_whole_pages: ["from django.views.decorators.cache import never_cache"],
    empties_the_cache: ["cache.delete('x')", "form.clear()"],
    talks_to_redis: ["from redis.exceptions import RedisError"],
    signs_by_itself: ["from marketing_platform.tenants.signing import sign"],
    sets_the_schema: ['"""About search_path."""', "name = connection.schema_name"],
    writes_round_the_guard: ["row.save()", "super().save_base()"],
    stores_files_by_itself: ["default_storage.open('x')"],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_what_it_is_for(rule: Rule) -> None:
    for code in SEEN[rule]:
        assert list(rule(ast.parse(code))), code
    for code in UNSEEN[rule]:
        assert not list(rule(ast.parse(code))), code
