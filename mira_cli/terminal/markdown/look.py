"""How things look: rich styles by name, the colours of code, and the console that draws rules and tables."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

from mira_cli.terminal.markdown.rows import without_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType
    from rich.syntax import SyntaxTheme

    from mira_cli.terminal.markdown.rows import Row

# Where rich's own Markdown theme is hard to read on one background or the other, or too loud.
_MARKDOWN = Theme(
    {
        "markdown.h1": Style(bold=True, underline=True),
        "markdown.h2": Style(bold=True),
        **{f"markdown.h{level}": Style(bold=True, dim=True) for level in (3, 4, 5, 6)},
        "markdown.item.number": Style(bold=True),
        "markdown.code": Style(color="cyan"),
        "markdown.code_block": Style(color="cyan"),
        "markdown.kbd": Style(bold=True),
        "markdown.link": Style(underline=True),
        "markdown.link_url": Style(color="cyan", underline=True),
        "markdown.block_quote": Style(italic=True),
        "markdown.table.header": Style(bold=True),
        "markdown.table.border": Style(dim=True),
        "markdown.html": Style(dim=True),
        "markdown.note": Style(dim=True),
    }
)
_WITHOUT_COLOR = Theme({"markdown.code": Style(bold=True), "markdown.code_block": Style()}, inherit=False)

# Of rich's colours for light terminals those that are hard to read on a dark one, and yellow.
_CHANGED = {
    ("Text", "Whitespace"): Style(),
    ("Comment", "Preproc"): Style(color="magenta"),
    ("Keyword",): Style(color="magenta"),
    ("Keyword", "Type"): Style(color="cyan"),
    ("Keyword", "Constant"): Style(color="cyan"),
    ("Name", "Function"): Style(bold=True),
    ("Name", "Class"): Style(bold=True),
    ("Name", "Namespace"): Style(),
    ("Name", "Decorator"): Style(color="magenta"),
    ("Name", "Constant"): Style(color="cyan"),
    ("Name", "Tag"): Style(color="magenta"),
    ("Literal", "String"): Style(color="green"),
    ("Literal", "Number"): Style(color="cyan"),
    ("Generic", "Deleted"): Style(color="red"),
    ("Generic", "Subheading"): Style(bold=True),
    ("Generic", "Error"): Style(color="red"),
    ("Error",): Style(),  # code in a reply is often a fragment
}

_PYGMENTS = {"light": "default", "dark": "monokai"}


class Look:
    """Styles by name, each worked out once.

    Args:
        color: Whether colours may be used; without, what remains is bold, italic, underlined, dim, struck.
        theme: The colours of code: `auto` and `ansi` are the terminal's and fit any background, `light` and
            `dark` are for those, else the name of a Pygments style, drawn without its background; "" is
            `auto`.
        shown: What the terminal shows of a text, which is less where its encoding is not UTF-8.
    """

    def __init__(self, *, color: bool, theme: str = "auto", shown: Callable[[str], str] = str) -> None:
        self.color = color
        self.shown = shown
        self.line = shown("─")  # of which rules are made, here and in tables
        self._theme = theme
        self._is_ansi = theme in {"", "auto", "ansi"}
        self._console = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="256",
            no_color=not color,
            width=80,
            legacy_windows=False,
            theme=_MARKDOWN,
        )
        if not color:
            self._console.push_theme(_WITHOUT_COLOR)
        self._styles: dict[tuple[str, ...], Style] = {(): Style.null()}
        self._code: dict[tuple[tuple[str, ...], Any], Style] = {}
        self._syntax: SyntaxTheme | None = None

    def of(self, names: tuple[str, ...]) -> Style:
        """The style of names laid over one another, the last one on top: ("block_quote", "strong")."""
        found = self._styles.get(names)
        if found is None:
            named = (self._console.get_style(f"markdown.{name}", default=Style.null()) for name in names)
            found = self._styles[names] = self._allowed(Style.combine(named))
        return found

    def code(self, base: tuple[str, ...], token_type: Any) -> Style:
        """The style of a Pygments token type in a code block within `base`."""
        found = self._code.get((base, token_type))
        if found is None:
            found = self._code[base, token_type] = self.of(base) + self._allowed(self._token(token_type))
        return found

    def draw(self, renderable: RenderableType, columns: int) -> list[Row]:
        """The rows of something that rich draws, without the spaces at their ends."""
        options = self._console.options.update(width=columns, height=None)
        rows = []
        for line in self._console.render_lines(renderable, options, pad=False):
            row = Text()
            for text, style, _ in line:
                row.append(text, style)
            rows.append(without_end(row))
        return rows

    def _allowed(self, style: Style) -> Style:
        return style if self.color else style.without_color

    def _token(self, token_type: Any) -> Style:
        """The style of a token; plain text of code is in the terminal's own colour, without background."""
        if self._syntax is None:
            from rich.syntax import ANSI_LIGHT, ANSISyntaxTheme, Syntax

            name = _PYGMENTS.get(self._theme, self._theme)
            is_ansi = self._is_ansi
            self._syntax = ANSISyntaxTheme(ANSI_LIGHT | _CHANGED) if is_ansi else Syntax.get_theme(name)
        style = self._syntax.get_style_for_token(token_type)
        if self._is_ansi:
            return style
        plain = self._syntax.get_style_for_token(())
        color = None if style.color == plain.color else style.color
        kept = {name: getattr(style, name) or None for name in ("bold", "italic", "underline")}
        return Style(color=color, **kept)
