"""The looks of things: rich's own Markdown theme and Pygments' styles, as escape sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.default_styles import DEFAULT_STYLES
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.syntax import SyntaxTheme

_EITHER_NAMES = {"auto", "ansi"}
# Pygments' styles for the two backgrounds, drawn without their own.
_BARE = {"light": "default", "dark": "monokai"}
# Of rich, code in a text is on black, keys are yellow and addresses dark blue: each is lost on one background
# or the other. Bold would make cyan bright on some terminals.
_OURS = {
    "note": Style(dim=True),
    "html": Style(dim=True),
    "code": Style(color="cyan"),
    "kbd": Style(bold=True),
    "link_url": Style(color="bright_blue", underline=True),
}
_WITHOUT_COLOR = _OURS | {"code": Style(bold=True)}

# Readable on light and on dark alike: no yellow, no bright colours, no background.
_EITHER = {
    ("Comment",): Style(dim=True),
    ("Comment", "Preproc"): Style(color="magenta"),
    ("Keyword",): Style(color="magenta"),
    ("Keyword", "Type"): Style(color="cyan"),
    ("Keyword", "Constant"): Style(color="cyan"),
    ("Operator", "Word"): Style(color="magenta"),
    ("Name", "Builtin"): Style(color="cyan"),
    ("Name", "Function"): Style(bold=True),
    ("Name", "Class"): Style(bold=True),
    ("Name", "Exception"): Style(color="cyan"),
    ("Name", "Decorator"): Style(color="magenta"),
    ("Name", "Variable"): Style(color="red"),
    ("Name", "Constant"): Style(color="cyan"),
    ("Name", "Attribute"): Style(color="cyan"),
    ("Name", "Tag"): Style(color="magenta"),
    ("Literal", "String"): Style(color="green"),
    ("Literal", "Number"): Style(color="cyan"),
    ("Generic", "Deleted"): Style(color="red"),
    ("Generic", "Inserted"): Style(color="green"),
    ("Generic", "Heading"): Style(bold=True),
    ("Generic", "Subheading"): Style(bold=True),
    ("Generic", "Error"): Style(color="red"),
}


class Look:
    """Escape sequences for names of looks, worked out once each.

    Args:
        color: Whether colours may be used; without, what remains is bold, italic, underlined, dim, struck.
        theme: The colours of code: `auto` and `ansi` are the terminal's and fit any background, `light` and
            `dark` are for those, else the name of a Pygments style with its background; "" is `auto`.
        shown: What the terminal shows of a text, which is less where its encoding is not UTF-8.
    """

    def __init__(self, *, color: bool, theme: str = "auto", shown: Callable[[str], str] = str) -> None:
        self.color = color
        self.shown = shown
        self._theme = theme or "auto"
        self._ours = _OURS if color else _WITHOUT_COLOR
        self._sequences: dict[tuple[str, ...], str] = {(): ""}
        self._code: dict[tuple[tuple[str, ...], Any], str] = {}
        self._syntax: SyntaxTheme | None = None

    def of(self, names: tuple[str, ...]) -> str:
        """The sequence for looks laid over one another, the last one on top: ("block_quote", "strong")."""
        found = self._sequences.get(names)
        if found is None:
            found = self._sequences[names] = self._sequence(self._styled(names))
        return found

    def code(self, base: tuple[str, ...], token_type: Any) -> str:
        """The sequence for a Pygments token type in a code block that stands in `base`."""
        found = self._code.get((base, token_type))
        if found is None:
            found = self._code[base, token_type] = self._sequence(
                self._styled(base) + self._token(token_type)
            )
        return found

    def code_background(self) -> str:
        """The sequence for the background of code, "" if the theme has none."""
        if not self.color or self._theme in _EITHER_NAMES or self._theme in _BARE:
            return ""
        return self._sequence(self._syntax_theme().get_background_style())

    def _token(self, token_type: Any) -> Style:
        if self._theme in _BARE:
            return self._bare_token(token_type)
        if self._theme not in _EITHER_NAMES:
            return self._syntax_theme().get_style_for_token(token_type)
        names = tuple(token_type)
        while names and names not in _EITHER:
            names = names[:-1]
        return _EITHER.get(names, Style.null())

    def _bare_token(self, token_type: Any) -> Style:
        """The style without its background; the plain text of code is in the terminal's own colour."""
        from pygments.token import Token

        style, plain = map(self._syntax_theme().get_style_for_token, (token_type, Token))
        color = None if style.color == plain.color else style.color
        return Style(color=color, bold=style.bold, italic=style.italic, underline=style.underline)

    def _syntax_theme(self) -> SyntaxTheme:
        if self._syntax is None:
            from rich.syntax import Syntax

            self._syntax = Syntax.get_theme(_BARE.get(self._theme, self._theme))
        return self._syntax

    def _styled(self, names: tuple[str, ...]) -> Style:
        style = Style.null()
        for name in names:
            style += self._ours.get(name) or DEFAULT_STYLES.get(f"markdown.{name}") or Style.null()
        return style

    def _sequence(self, style: Style) -> str:
        if not self.color:
            style = style.without_color
        drawn = style.render("x", color_system=ColorSystem.EIGHT_BIT)
        return drawn[: drawn.index("x")]
