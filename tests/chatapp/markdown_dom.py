"""A page in miniature: parses HTML into a tree and applies htmx's out-of-band swaps to it, as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from chatapp.markdown import Swap

VOID = {"br", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def add(self, *children: Node | str) -> None:
        self.insert(len(self.children), *children)

    def insert(self, index: int, *children: Node | str) -> None:
        self.children[index:index] = children
        merged: list[Node | str] = []
        for child in self.children:
            if isinstance(child, str) and merged and isinstance(merged[-1], str):
                merged[-1] += child
            elif child != "":
                merged.append(child)
        self.children = merged

    def html(self) -> str:
        return "".join(escape(child) if isinstance(child, str) else child.outer_html() for child in self.children)

    def outer_html(self) -> str:
        attributes = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.tag}{attributes}>{self.html()}" + ("" if self.tag in VOID else f"</{self.tag}>")

    def elements(self) -> list[Node]:
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child, *child.elements()]
        return found

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [Node("body")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.stack[-1].add(node)
        if tag not in VOID:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop().tag == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.stack[-1].add(data)


def parse(html: str) -> Node:
    """The tree of a fragment; fails on tags that do not match."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.stack) == 1, f"{builder.stack[-1].tag} is not closed"
    return builder.stack[0]


class Page:
    """The body of one reply, with the DOM id `{prefix}-body`."""

    def __init__(self, prefix: str, html: str = "") -> None:
        self.body = parse(html)
        self.body.attributes["id"] = f"{prefix}-body"

    def apply(self, swaps: list[Swap]) -> None:
        for swap in swaps:
            self._apply(swap)

    def _apply(self, swap: Swap) -> None:
        new = parse(swap.html).children
        parent, index = self._find(swap.target)
        if swap.where == "beforeend":
            target = parent.children[index] if parent is not None else self.body
            assert isinstance(target, Node)
            target.add(*new)
            return
        assert parent is not None
        if swap.where == "outerHTML":
            assert len(new) == 1
            assert isinstance(new[0], Node)
            del parent.children[index]
        parent.insert(index, *new)

    def _find(self, target: str) -> tuple[Node | None, int]:
        if self.body.attributes["id"] == target:
            return None, 0
        found = [
            (node, index)
            for node in [self.body, *self.body.elements()]
            for index, child in enumerate(node.children)
            if isinstance(child, Node) and child.attributes.get("id") == target
        ]
        assert len(found) == 1, f"{len(found)} elements with the id {target}"
        return found[0]
