"""A module imports only from lower floors. Read from the source, inside functions too."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from nbagent.errors import NbagentError

PACKAGE = Path(__file__).resolve().parent.parent / "nbagent"

# Floor by module or package; within a floor, a later number may import an earlier one.
FLOORS = {
    "messages": (0, 0),
    "errors": (1, 0),
    "frames": (1, 0),
    "sse": (2, 0),
    "json_scan": (2, 0),
    "json_text": (2, 0),
    "catalogue": (2, 0),
    "models": (2, 1),
    "output_schema": (2, 0),
    "message_builder": (2, 0),
    "call_assembly": (2, 1),
    "assembly": (2, 2),
    "calling": (3, 0),
    "providers": (3, 1),
    "waiting": (4, 0),
    "executor": (4, 1),
    "local": (4, 2),
    "tools": (5, 0),
    "agent": (6, 0),
    "mcp": (6, 1),
    "store": (6, 2),
    "scale": (6, 3),
    "widget": (7, 0),
    "exporting": (7, 1),
    "recording": (7, 2),
    "otel": (7, 3),
    "choice": (8, 0),
    "testing": (8, 0),
    "notebook": (8, 1),
    "terminal": (8, 2),
    "__init__": (9, 0),
}
TOOLS_MAY_IMPORT = {"messages", "frames", "errors", "tools"}
# A file in providers/ is of the protocol that its name begins with, else shared by all.
PROTOCOLS = ("openai_chat", "openai_responses", "anthropic", "gemini", "ollama")
# Third parties that come only with an extra, or that one room alone may know.
IMPORTED_ONCE = {
    "httpcore": "nbagent.providers.connections",
    "httpx": "nbagent.providers.transport",
    "httpx2": None,
    "xllamacpp": None,
    "matplotlib": None,
    "pandas": None,
    "openai": None,
    "anywidget": None,
    "cloudpickle": "nbagent.tools.worker",
    "bleach": None,
    "dask": None,
    "distributed": None,
    "jsonschema": "nbagent.mcp.arguments",
    "mcp": "nbagent.mcp.sdk",
    "mistune": "nbagent.exporting.prose",
    "nh3": None,
    "opentelemetry": "nbagent.otel.api",
    "uvicorn": "nbagent.mcp.web",
}


def _modules():
    """Every module of the package, by dotted name."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, path


MODULES = dict(_modules())


def _imports(path):
    """The dotted names that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


IMPORTS = {name: set(_imports(path)) for name, path in MODULES.items()}
INSIDE = {
    name: {other for other in imported if other.split(".")[0] == "nbagent"}
    for name, imported in IMPORTS.items()
}


def room(module):
    """The module of the front, or the package, that a module is in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_module_has_a_floor():
    """A new module has to be given its place."""
    assert {room(module) for module in MODULES} == set(FLOORS)


@pytest.mark.parametrize("module", MODULES)
def test_only_lower_floors_are_imported(module):
    """What a module imports is below it, or in its own package."""
    for imported in INSIDE[module]:
        if room(imported) != room(module):
            assert FLOORS[room(imported)] < FLOORS[room(module)], f"{module} imports {imported}"


def test_tools_know_the_first_two_floors_alone():
    """Tools can be used without models, providers or an agent."""
    rooms = {room(i) for name in MODULES if room(name) == "tools" for i in INSIDE[name]}
    assert rooms <= TOOLS_MAY_IMPORT


def test_protocols_never_import_one_another():
    """Each wire protocol stands alone; what they share is in the shared files."""
    for module in MODULES:
        own = _protocol(module)
        if own is None:
            continue
        others = {_protocol(imported) for imported in INSIDE[module]} - {None, own}
        assert not others, f"{module} imports {others}"


def test_what_protocols_share_knows_none_of_them():
    """A shared file that imported a protocol would join it with all the others."""
    for module in MODULES:
        if room(module) == "providers" and module != "nbagent.providers" and not _protocol(module):
            assert not {_protocol(imported) for imported in INSIDE[module]} - {None}, module


def _protocol(module):
    last = module.split(".")[-1]
    if room(module) != "providers":
        return None
    return next((protocol for protocol in PROTOCOLS if last.startswith(protocol)), None)


@pytest.mark.parametrize("package", sorted(IMPORTED_ONCE))
def test_optional_packages_are_imported_in_one_file(package):
    """What may not be installed is known to one file, and HTTP to the transport alone."""
    importers = [
        n for n, imported in IMPORTS.items() if any(i.split(".")[0] == package for i in imported)
    ]
    assert len(importers) <= 1, importers
    if IMPORTED_ONCE[package] is not None:
        assert importers == [IMPORTED_ONCE[package]]


def test_nothing_is_imported_for_types_alone():
    """TYPE_CHECKING would be a back door around the floors."""
    assert [name for name, path in MODULES.items() if "TYPE_CHECKING" in path.read_text()] == []


def test_no_module_is_in_a_cycle():
    """The imports have an order."""
    graph = {name: {i for i in INSIDE[name] if i in MODULES and i != name} for name in MODULES}
    # A package's __init__ runs before its modules, but only names them.
    for name in MODULES:
        graph[name] = {i for i in graph[name] if not name.startswith(f"{i}.")}
    list(TopologicalSorter(graph).static_order())


def test_files_are_small():
    """No file is over 400 lines."""
    sizes = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_the_tree_at_the_top_of_errors_is_the_tree():
    """The drawing names every error at its place."""
    drawing = (PACKAGE / "errors.py").read_text().split('"""')[1]
    for kind in _below(NbagentError):
        if kind.__module__ == "nbagent.errors":
            line = next(line for line in drawing.splitlines() if f"─ {kind.__name__}" in line + " ")
            depth = line.index("─ ") // 4
            assert kind.__mro__.index(NbagentError) >= depth


def _below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
