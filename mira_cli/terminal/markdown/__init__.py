"""A reply as Markdown, drawn while it arrives, each row once.

    text -> engine.Engine -> rows -> painter.Painter -> bytes    drawing.Drawing joins them and has the clock

    drawing      the entry point on a terminal; into a pipe an Engine is enough
    engine       pieces of text in, rows out: those that are certain, once, and those that are open
    walk         one pass over the tree of blocks, which draws and finds what is certain; quotes and items
    grammar      markdown-it with the bounds that a stream needs, and whether the last block can still grow
    blocks       blocks that hold no others: what they share, rules and paragraphs
    code, table  code blocks, tables
    inline       inline Markdown to styled text; in a preview, open markup is closed
    rows         where a line is cut into rows
    look         styles, colours of code
    painter      rows to bytes; only the part of a row that changed

markdown-it parses, Pygments colours code, and a row is a `rich.text.Text`. Rows are cut, and cells padded, by
our own widths: rich's would cut letters off where terminals disagree about a width.

The look:

- One empty row around blocks, never two; none between the items of a list unless one of them holds more than
  text and lists. Headings stand at the left.
- A numbered item has its own number, with its dot. Gutters leave a quarter of the width free.
- A line of code, and a word longer than the width, is one row, which the terminal wraps: what is copied from
  there is one line. Only the preview of what is still open is wrapped here.
- Without colours the fences of code are shown. No theme sets a background.
- Surplus cells of a table row go into its last cell; a pipe between backquotes does not end a cell. A word
  that is too long for its column is broken. Where columns do not fit the cells are listed.
- A picture is shown as its text and address. An address that is its own text is shown once.
- HTML is shown as it was written, dim; `<br>` breaks the line, `<kbd>` is a style.
- A tab in a text is a space. Between ideographs a row may end. Joined emoji, flags, Indic letters have space
  for all their parts: terminals that do not know the whole draw those.
- An empty item keeps its bullet, an empty quote its bar.
- The language of code is also found in `{.python}` and `rust,ignore`.
- Where the terminal's encoding is not UTF-8, ornaments are ASCII.

A stream ends as the same rows as the whole text drawn at once, for any pieces, with these exceptions:

1. A link whose definition comes after it stays as it was written.
2. A table keeps the widths of its first 2,000 rows or 256,000 characters.
3. Markup that is opened in a paragraph and not closed within 8,000 characters is taken as plain text.
4. A setext heading, and the header row of a table, have at most 800 characters; longer ones are paragraphs.
   (Also when drawn at once, unlike CommonMark.)
5. What nests deeper than 40 levels is a paragraph. (Also when drawn at once.)
6. What is drawn before the terminal changes its size keeps its width.
7. A word longer than 2,000 cells is cut. (Also when drawn at once.)
"""
