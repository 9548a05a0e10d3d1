"""What a run has found: sections of tables and named figures, for people and as JSON."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

Cell = str | float | int


@dataclass
class Section:
    """`figures`: the few numbers that count, by name; `rows` are what they were made from."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def text(self) -> str:
        cells = [self.columns, *([_shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[index]) for row in cells) for index in range(len(self.columns))]
        lines = ["  ".join(_aligned(row, widths)) for row in cells]
        body = [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]
        figures = [f"{name}: {value:.2f}" for name, value in self.figures.items()]
        return "\n".join([f"## {self.title}", *([self.note] if self.note else []), "", *body, "", *figures, ""])


def document(sections: Sequence[Section]) -> dict[str, object]:
    """The run for `--json`."""
    return {
        "python": platform.python_version(),
        "sections": [asdict(section) for section in sections],
    }


def _shown(cell: Cell) -> str:
    return (
        f"{cell:.2f}"
        if isinstance(cell, float) and abs(cell) < 10
        else f"{cell:.0f}"
        if isinstance(cell, float)
        else str(cell)
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The first cell to the left, numbers to the right."""
    padded = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
    return [row[0].ljust(widths[0]), *padded[1:]]
