"""Check templates, style sheets and scripts: ``.venv/bin/python scripts/lint_ui.py``; no Node is needed.

Templates: djlint. Style sheets, parsed by tinycss2: in a known layer, known tokens, logical properties, no
class that nobody uses. Scripts, parsed by tree-sitter: imports that lead somewhere and are used, no guessing.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import tinycss2
import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rapport"
LAYERS = {"reset", "tokens", "base", "shell", "components", "screens", "states"}
PHYSICAL = re.compile(
    r"(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)(?:-\w+)?"
    r"|left|right|top|bottom|(?:min-|max-)?(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius"
)
SIDES = {"text-align": {"left", "right"}, "float": {"left", "right"}, "clear": {"left", "right"}}
SET_ELSEWHERE = {"--hue", "--x", "--y"}
THEIRS = re.compile(r"htmx-|trix-|attachment__|helptext$|errorlist$")
"""Classes that htmx, Trix and Django's forms write."""
BUILT = re.compile(r"--(?:[a-z]+)$")
UNASKED = "J018,H015,H020,H025,H037"
"""Rules of djlint that take addresses, line breaks or conditional tags for mistakes."""
FORBIDDEN = {"eval", "alert", "confirm", "prompt"}
VENDORED = {"htmx.org", "trix"}
JAVASCRIPT = Language(tree_sitter_javascript.language())


def own(pattern: str) -> list[Path]:
    """Return the files of the product that match, without what others made."""
    return sorted(path for path in PACKAGE.rglob(pattern) if "vendor" not in path.parts)


def templates() -> Iterator[str]:
    """Yield what djlint says of templates."""
    djlint = Path(sys.executable).with_name("djlint")
    command: list[str | Path] = [djlint, "--lint", "--profile=jinja", f"--ignore={UNASKED}"]
    answer = subprocess.run(
        [*command, *own("templates/**/*.html")], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        yield answer.stdout.strip() or answer.stderr.strip()


class Styles:
    """One style sheet after the other; what they define and use meets at the end."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.defined: set[str] = set(SET_ELSEWHERE)
        self.used: list[tuple[str, str]] = []
        self.classes: dict[str, str] = {}

    def read(self, path: Path) -> Iterator[str]:
        """Yield what is wrong in one file by itself."""
        rules = tinycss2.parse_stylesheet(
            path.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
        )
        for rule in rules:
            where = f"{path}:{rule.source_line}"
            if rule.type == "error":
                yield f"{where}: {rule.message}"
            elif rule.type != "at-rule" or rule.lower_at_keyword not in {"layer", "font-face"}:
                yield f"{where}: everything stands in a layer"
            elif rule.lower_at_keyword == "layer" and rule.content is not None:
                name = tinycss2.serialize(rule.prelude).strip()
                if name not in LAYERS:
                    yield f"{where}: there is no layer {name!r}"
                yield from self._block(path, rule.content)

    def _block(self, path: Path, content: list[object]) -> Iterator[str]:
        for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            where = f"{path}:{item.source_line}"
            if item.type == "error":
                yield f"{where}: {item.message}"
            elif item.type == "declaration":
                yield from self._declaration(where, item)
            elif item.content is not None:
                if item.type == "qualified-rule":
                    for name in re.findall(r"\.([a-zA-Z][\w-]*)", tinycss2.serialize(item.prelude)):
                        self.classes.setdefault(name, where)
                yield from self._block(path, item.content)

    def _declaration(self, where: str, item: tinycss2.ast.Declaration) -> Iterator[str]:
        value = tinycss2.serialize(item.value).strip()
        if item.name.startswith("--"):
            self.defined.add(item.name)
        self.used += [(where, name) for name in re.findall(r"var\(\s*(--[\w-]+)", value)]
        if PHYSICAL.fullmatch(item.lower_name):
            yield f"{where}: {item.name} knows no writing direction; take the logical property"
        if value in SIDES.get(item.lower_name, ()):
            yield f"{where}: {item.name}: {value} knows no writing direction"

    def together(self, text: str) -> Iterator[str]:
        """Yield tokens that nobody defines, and classes that stand in no template, script or view."""
        yield from (
            f"{where}: there is no token {name}" for where, name in self.used if name not in self.defined
        )
        words = set(re.findall(r"[\w-]+", text))
        for name, where in self.classes.items():
            stem = BUILT.sub("--", name)
            if name not in words and not THEIRS.match(name) and not (stem != name and f"{stem}{{" in text):
                yield f"{where}: nothing has the class {name}"


def modules() -> dict[str, Path]:
    """Return our scripts by the name they are imported by: the name of the app and the file's."""
    return {f"{path.parent.parent.name}/{path.stem}": path for path in own("static/*/js/*.js")}


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def words(node: Node) -> str:
    """Return the source of a node."""
    return (node.text or b"").decode()


def exported(tree: Node) -> set[str]:
    """Return the names that a script offers."""
    found = set()
    for node in tree.children:
        if node.type == "export_statement":
            found |= {words(part) for part in walk(node) if part.type in {"identifier", "type_identifier"}}
            found |= {"default"} if any(part.type == "default" for part in node.children) else set()
    return found


def script(path: Path, tree: Node, offered: dict[str, set[str]]) -> Iterator[str]:
    """Yield what is wrong in one script."""
    names = [
        words(node) for node in walk(tree) if node.type in {"identifier", "shorthand_property_identifier"}
    ]
    for node in walk(tree):
        where = f"{path}:{node.start_point[0] + 1}"
        if node.is_error or node.is_missing:
            yield f"{where}: this is no JavaScript: {words(node)[:60]!r}"
        elif node.type == "variable_declaration":
            yield f"{where}: let or const, not var"
        elif node.type == "binary_expression" and any(words(part) in {"==", "!="} for part in node.children):
            yield f"{where}: === compares without guessing"
        elif node.type == "debugger_statement":
            yield f"{where}: debugger"
        elif node.type == "call_expression" and words(node.children[0]) in FORBIDDEN | {"console.log"}:
            yield f"{where}: {words(node.children[0])}"
        elif node.type == "import_statement":
            yield from imports(where, node, names, offered)


def imports(where: str, node: Node, names: list[str], offered: dict[str, set[str]]) -> Iterator[str]:
    """Yield what is wrong with one import."""
    source = words(node.child_by_field_name("source") or node).strip("\"'")
    if source not in offered and source not in VENDORED:
        yield f"{where}: nothing is called {source}"
        return
    for part in walk(node):
        if part.type != "import_specifier":
            continue
        asked, called = (words(part.children[0]), words(part.children[-1]))
        if source in offered and asked not in offered[source]:
            yield f"{where}: {source} offers no {asked}"
        if names.count(called) <= (2 if asked == called and len(part.children) > 1 else 1):
            yield f"{where}: {called} is imported and not used"


def main() -> int:
    """Print what is wrong; 1 where anything is."""
    found = list(templates())
    styles = Styles()
    for path in own("static/**/*.css"):
        found += styles.read(path)
    sources = (*own("templates/**/*.html"), *own("django_templates/**/*.html"), *own("*.js"), *own("*.py"))
    found += styles.together("\n".join(path.read_text(encoding="utf-8") for path in sources))
    parser = Parser(JAVASCRIPT)
    trees = {name: parser.parse(path.read_bytes()).root_node for name, path in modules().items()}
    offered = {name: exported(tree) for name, tree in trees.items()}
    for name, path in modules().items():
        found += script(path, trees[name], offered)
    for line in found:
        print(line.replace(f"{ROOT}/", ""))
    print(
        f"{len(found)} found in {len(own('templates/**/*.html'))} templates, "
        f"{len(own('static/**/*.css'))} style sheets, {len(trees)} scripts"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
