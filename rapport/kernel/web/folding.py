"""Jinja2 templates compiled for one language, with everything fixed worked out when they are compiled.

A page calls ``_()`` and ``icon()`` some hundred times with words that never change. Here such calls become
plain text of the compiled template, so a page pays only for what differs from request to request.
"""

import re
from typing import Any

import jinja2
from django.conf import settings
from django.utils import translation
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

ADDRESSES = frozenset({"icon", "static", "stylesheet_url", "import_map", "module_url", "url"})
"""Functions whose answer never changes while the process lives; in debug mode files do."""


_INDENTATION = re.compile(r"\n\s++")


class SpeakingEnvironment(jinja2.Environment):
    """An environment whose templates speak ``language`` alone."""

    language = ""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        if not self.language:
            return parsed
        with translation.override(self.language):
            folded: nodes.Template = _Fold(self).visit(parsed)
        return folded


class _Fold(NodeTransformer):
    def __init__(self, environment: jinja2.Environment) -> None:
        self._environment = environment

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.TemplateData:  # noqa: N802
        """Drop the indentation of templates, which no reader sees; a line's end stays."""
        node.data = _INDENTATION.sub("\n", node.data)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  the visitor's naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        name = node.node.name
        if name in {"_", "gettext", "pgettext"}:
            return self._translated(name, node)
        if name in ADDRESSES and not settings.DEBUG:
            return self._answered(name, node)
        return node

    def _translated(self, name: str, node: nodes.Call) -> nodes.Expr:
        words = _constants(node.args)
        if words is None:
            return node
        translated = Markup(  # noqa: S704  texts of our own templates and catalogues
            translation.pgettext(*words) if name == "pgettext" else translation.gettext(*words)
        )
        if not node.kwargs:
            return nodes.Const(translated % {}, lineno=node.lineno)
        values = [
            nodes.Pair(nodes.Const(kwarg.key, lineno=node.lineno), kwarg.value, lineno=node.lineno)
            for kwarg in node.kwargs
        ]
        return nodes.Mod(
            nodes.Const(translated, lineno=node.lineno),
            nodes.Dict(values, lineno=node.lineno),
            lineno=node.lineno,
        )

    def _answered(self, name: str, node: nodes.Call) -> nodes.Expr:
        values = _constants([*node.args, *(kwarg.value for kwarg in node.kwargs)])
        if values is None:
            return node
        count = len(node.args)
        named = {kwarg.key: value for kwarg, value in zip(node.kwargs, values[count:], strict=True)}
        function: Any = self._environment.globals[name]
        return nodes.Const(function(*values[:count], **named), lineno=node.lineno)


def _constants(given: list[nodes.Expr]) -> list[Any] | None:
    try:
        return [expression.as_const() for expression in given]
    except nodes.Impossible:
        return None
