"""How the prompt is drawn: its styles, long lines, and the rows that it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import get_app
from prompt_toolkit.layout.dimension import Dimension, to_dimension
from prompt_toolkit.layout.processors import Processor, TabsProcessor, Transformation
from prompt_toolkit.styles import Style

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout.processors import TransformationInput
    from prompt_toolkit.shortcuts import PromptSession

_COLOURED = {
    "prompt": "bold",
    "placeholder": "dim",
    "auto-suggestion": "fg:default dim",
    "bottom-toolbar": "noreverse dim",
}
_COLOURLESS = {
    "prompt": "nobold",
    "question": "bold",
    "bottom-toolbar": "noreverse",
    "completion-menu.completion.current": "reverse",
}
_TOOLBAR_ROWS = 1
_ROWS_ABOVE = 6  # that stay visible above a long text


def style(*, color: bool, accent: str) -> Style:
    """Styles of prompt, text, suggestion and toolbar; without colour the text is bold.

    `accent` is rich's name of the colour of prompt and text.
    """
    accent = accent if accent.startswith("#") else f"ansi{accent}"
    return Style.from_dict({**_COLOURED, "prompt": accent, "question": accent} if color else _COLOURLESS)


class LongLines(Processor):
    """Draws only a part of a line longer than two screens: one screen before the cursor, one after it.

    prompt_toolkit lays out the whole line at each key, character by character, which is slow for 100 KB.
    """

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Return the fragments of that part."""
        fragments = transformation_input.fragments
        size = get_app().output.get_size()
        screen = max(size.rows * size.columns, 1)
        length = sum(len(fragment[1]) for fragment in fragments)
        if length <= 2 * screen:
            return Transformation(fragments)
        document = transformation_input.document
        line, at = transformation_input.lineno, document.cursor_position_row
        cursor = document.cursor_position_col if line == at else length * (line < at)
        step = max(screen // 4, 1)  # the part moves by steps, not with each key
        start = max((cursor // step) * step - screen, 0)
        end = min(start + 2 * screen + step, length)
        return Transformation(
            _cut(fragments, start, end),
            source_to_display=lambda column: min(max(column, start), end) - start,
            display_to_source=lambda column: column + start,
        )


class Tabs(TabsProcessor):
    """Draws tabs as spaces, but leaves lines without a tab alone: it is slow on long ones."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Return the fragments with tabs replaced."""
        if any("\t" in fragment[1] for fragment in transformation_input.fragments):
            return super().apply_transformation(transformation_input)
        return Transformation(transformation_input.fragments)


def _cut(fragments: StyleAndTextTuples, start: int, end: int) -> StyleAndTextTuples:
    """The characters from `start` to `end` of a line."""
    cut: StyleAndTextTuples = []
    offset = 0
    for look, text, *_ in fragments:
        part = text[max(start - offset, 0) : max(end - offset, 0)]
        if part:
            cut.append((look, part))
        offset += len(text)
    return cut


def fit(session: PromptSession[str]) -> None:
    """Use only the rows that are needed, and leave some rows above a text taller than the screen.

    Such a text scrolls in its window, so that the reason why it was refused stays visible. Once it is sent,
    it may fill the screen.
    """
    app, window = session.app, session.layout.current_window
    usual = window.height

    def height() -> Dimension:
        wanted = to_dimension(usual)
        if app.is_done:
            return wanted
        rows = app.output.get_size().rows
        least = min(wanted.min, max(rows - _TOOLBAR_ROWS, 0))  # on a low screen a menu has fewer rows
        return Dimension(min=least, max=max(rows - _ROWS_ABOVE, rows // 2, least))

    window.height = height
    app.before_render += _give_rows_back


def _give_rows_back(app: Application[Any]) -> None:
    """Redraw when fewer rows are needed than before; prompt_toolkit itself never uses fewer."""
    drawn = app.renderer.last_rendered_screen
    if drawn is not None and not app.is_done:
        size = app.output.get_size()
        wanted = app.layout.container.preferred_height(size.columns, size.rows).preferred
        if wanted < drawn.height:
            app.renderer.erase()
