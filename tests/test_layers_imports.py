"""The stages import in one direction: what is correct never depends on how the C is laid out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

READING = {"arithmetic", "errors", "nam_file"}
MATHEMATICS = {"arithmetic", "ir", "activation_kernels", "start_state", "passes", "measures"}
DATA = {"errors", "boards", "codecs", "processors", "toml_data", "toml_like"}
TOOLS = DATA | {"progress", "resources", "scratch", "targets", "toolchain"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "arithmetic": set(),
    "c_text": {"arithmetic"},
    "scratch": {"errors"},
    "naming": set(),
    "afsk": {"errors"},
    "progress": set(),
    "ir": {"arithmetic"},
    "resources": {"errors"},
    "kept": {"errors", "resources", "scratch"},
    "toml_data": {"errors"},
    "toml_like": {"errors", "toml_data"},
    "codecs": {"errors", "toml_data"},
    "processors": {"errors", "toml_data"},
    "boards": DATA,
    "modules": {"boards", "errors", "toml_data", "toml_like"},
    "pedal_boards": {"boards", "codecs", "errors", "modules", "toml_data", "toml_like"},
    "frameworks": {"boards", "errors", "processors", "toml_data"},
    "targets": DATA | {"frameworks"},
    "blocks": {"errors"},
    "toolchain": DATA | {"progress", "resources", "scratch"},
    "output_dir": {"errors", "scratch"},
    "output_file": {"errors"},
    "build_record": {"errors", "fixed", "naming", "output_dir"},
    "nam_file": {"arithmetic", "errors", "weights"},
    "weights": {"arithmetic"},
    "activation_kernels": {"ir", "errors"},
    "passes": {"arithmetic", "errors", "ir"},
    "start_state": {"arithmetic"},
    "measures": {"arithmetic", "ir"},
    "prewarm": READING,
    "lower": READING | {"ir", "naming", "passes", "prewarm", "weights"},
    "levels": READING | {"lower"},
    "joining": READING | {"levels", "lower", "output_dir", "output_file", "passes"},
    "reference": MATHEMATICS | {"errors"},
    "fixed": MATHEMATICS | {"errors", "kept", "reference", "version"},
    "tanh_cost": {"arithmetic", "ir", "reference"},
    "schedule": {"errors", "processors"},
    "plan": MATHEMATICS | DATA | {"blocks", "fixed", "kept", "schedule", "targets"},
    "prediction": {"codecs", "errors", "pedal_boards", "processors"},
    "estimate": MATHEMATICS | DATA | {"plan", "prediction"},
    "emit": {"activation_kernels", "arithmetic", "c_text", "plan", "resources", "schedule"}
    | {"version"},
    "chain": {"arithmetic", "blocks", "c_text", "emit", "errors", "levels", "nam_file", "passes"}
    | {"reference", "version"},
    "controls": {"c_text", "chain", "emit", "errors", "modules", "pedal_boards", "version"},
    "firmware": TOOLS | {"blocks"},
    "order": DATA | {"blocks", "prediction", "targets"},
    "mpy": TOOLS | {"c_text", "emit", "plan", "version"},
    "wasm": TOOLS | {"c_text", "emit", "firmware", "plan", "version"},
    "packages": TOOLS
    | {"c_text", "emit", "estimate", "firmware", "frameworks", "ir", "measures", "mpy", "order"}
    | {"plan", "prediction", "version", "wasm"},
    "selection": MATHEMATICS
    | READING
    | DATA
    | {"blocks", "fixed", "lower", "order", "packages", "plan", "prediction", "progress"}
    | {"reference", "targets"},
    "pedal": MATHEMATICS
    | READING
    | DATA
    | {
        "blocks",
        "c_text",
        "chain",
        "controls",
        "emit",
        "fixed",
        "levels",
        "lower",
        "modules",
        "naming",
        "order",
    }
    | {"captures", "firmware", "packages", "pedal_boards", "plan"}
    | {
        "prediction",
        "progress",
        "reference",
        "resources",
        "selection",
        "targets",
        "version",
        "wasm",
    }
    | {"toolchain"},
    "captures": {"arithmetic", "blocks", "c_text", "emit", "errors", "firmware", "fixed", "ir"}
    | {"plan", "reference", "selection", "targets", "version"},
    "fitting": READING
    | DATA
    | {"fixed", "ir", "lower", "order", "packages", "prediction", "progress", "selection"},
    "checking": READING
    | {"fitting", "fixed", "ir", "levels", "order", "pedal", "progress", "scratch", "selection"},
    "inspection": MATHEMATICS
    | READING
    | {"fitting", "fixed", "levels", "lower", "order", "progress", "selection", "targets"}
    | {"tanh_cost"},
    "measured": {"errors", "order", "prediction", "processors", "toml_data"},
    "selftest": MATHEMATICS
    | READING
    | TOOLS
    | {
        "afsk",
        "controls",
        "emit",
        "firmware",
        "fixed",
        "measured",
        "order",
        "output_dir",
        "pedal",
        "plan",
        "prediction",
    }
    | {"reference", "version"},
    "analysis": {"arithmetic", "fixed", "ir", "reference"},
    "page": MATHEMATICS
    | READING
    | {"analysis", "boards", "c_text", "chain", "controls", "estimate", "firmware", "fixed"}
    | {"flashing", "inspection", "levels", "naming", "order", "packages", "pedal", "pedal_boards"}
    | {"prediction", "processors", "progress", "resources", "version"},
    "build_facts": MATHEMATICS
    | {"chain", "order", "packages", "pedal", "prediction", "selection"}
    | {"tanh_cost", "toolchain", "version"},
    "build": MATHEMATICS
    | READING
    | TOOLS
    | {
        "build_facts",
        "controls",
        "fixed",
        "measured",
        "order",
        "packages",
        "pedal",
        "selection",
        "firmware",
    }
    | {"naming", "output_dir", "prediction", "tanh_cost"},
    "flashing": DATA
    | {"build_record", "c_text", "firmware", "output_dir", "packages", "pedal_boards", "progress"}
    | {"scratch", "targets"},
    "doctor": TOOLS | {"flashing", "output_dir", "version"},
}
"""Room by room what namgen may import of itself; cli and the package itself may import all."""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of both packages and its file."""
    for package in ("namgen", "host_sim"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports, those inside functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = str(node.module)
            found |= {f"{base}.{name.name}" if base == "namgen" else base for name in node.names}
    return found


def room(module: str) -> str:
    """The part of namgen a module belongs to; empty for the package itself."""
    return module.removeprefix("namgen").lstrip(".").split(".")[0].removesuffix("__init__")


def rooms_imported(path: Path) -> set[str]:
    return {room(name) for name in imported(path) if name.startswith("namgen.")}


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_a_room_imports_only_what_comes_before_it(name: str) -> None:
    files = [
        path for module, path in modules() if module.startswith("namgen") and room(module) == name
    ]
    assert files, f"namgen/{name} is gone; take it out of the table"
    for path in files:
        assert rooms_imported(path) - {name} <= MAY_IMPORT[name], path.relative_to(ROOT)


def test_every_room_is_in_the_table() -> None:
    rooms = {room(module) for module, _ in modules() if module.startswith("namgen")}
    assert rooms - {"", "__main__", "cli"} == set(MAY_IMPORT)


def test_only_the_commands_import_the_simulation() -> None:
    for module, path in modules():
        if module.startswith("namgen.") and room(module) != "cli":
            simulation = {name for name in imported(path) if name.startswith("host_sim")}
            assert simulation == set(), path.relative_to(ROOT)


def test_the_simulation_does_not_import_the_commands() -> None:
    for module, path in modules():
        if module.startswith("host_sim"):
            assert not rooms_imported(path) & {"cli", ""}, path.relative_to(ROOT)


def test_the_table_has_no_circle() -> None:
    assert not {name for name in MAY_IMPORT if name in reached(name)}


def reached(name: str) -> set[str]:
    """Rooms whose code a room's imports bring along."""
    found: set[str] = set()
    waiting = MAY_IMPORT[name] - {name}
    while waiting:
        found |= waiting
        waiting = set().union(*(MAY_IMPORT[other] - {other} for other in waiting)) - found
    return found


def test_only_the_commands_print_or_exit() -> None:
    forbidden = {"print", "exit", "click"}
    for module, path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        has_main = "__main__" in path.read_text(encoding="utf-8")
        if room(module) != "cli" and not has_main:
            assert not names & forbidden, path.relative_to(ROOT)


NOT_EXACT = {"dot", "sum", "einsum", "matmul", "tanh", "exp", "convolve", "inner", "tensordot"}
EXEMPT = {"accuracy.py", "tanh_fit.py"}
"""They measure and make the tables in float64; nothing that runs a model imports them."""


def test_the_reference_uses_no_numpy_function_whose_bits_depend_on_the_machine() -> None:
    folder = ROOT / "namgen" / "reference"
    for path in folder.glob("*.py"):
        if path.name in EXEMPT:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.MatMult), path.name
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in {("np", n) for n in NOT_EXACT}, path.name


PLAN = ROOT / "namgen" / "plan"
LAYOUTS = {path.parent.name for path in (PLAN / "layouts").glob("*/__init__.py")}


def layouts_imported(path: Path) -> set[str]:
    prefix = "namgen.plan.layouts."
    names = {name.removeprefix(prefix).split(".")[0] for name in imported(path) if prefix in name}
    return names & LAYOUTS


def test_only_the_entrance_of_plan_knows_which_layouts_there_are() -> None:
    assert layouts_imported(PLAN / "__init__.py") == LAYOUTS
    for path in (*PLAN.glob("[a-z]*.py"), *(PLAN / "layouts").glob("*.py")):
        assert layouts_imported(path) == set(), path.relative_to(ROOT)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_layout_knows_no_other(layout: str) -> None:
    for path in (PLAN / "layouts" / layout).glob("*.py"):
        assert layouts_imported(path) <= {layout}, path.relative_to(ROOT)


C_TEXT = re.compile(
    r"[{}#&\\]|;$|->|[-+*]=|\b(?:float|int|double|void|const|static|restrict|return|sizeof)\b|\bnam_\w"
)


def test_a_plan_spells_no_c() -> None:
    for path in (ROOT / "namgen" / "plan").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for text in strings_in_code(tree):
            assert not C_TEXT.search(text), f"{path.name}: {text!r}"


def strings_in_code(tree: ast.Module) -> Iterator[str]:
    """Every string constant that is not a docstring."""
    prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.value
