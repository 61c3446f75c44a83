"""A reply as Markdown, drawn while it arrives, each row once.

    text -> engine.Engine -> rows -> painter.Painter -> bytes    drawing.Drawing joins them and has the clock

    drawing      the doors: Drawing (a terminal), Scroll (a pipe), render (all at once)
    engine       pieces of text in, rows out: those that are certain, once, and those that are open
    walk         one pass over the tree of blocks, which draws and finds what is certain
    position     what is carried from pass to pass
    closing      whether the last block can still grow
    containers   open quotes and items: gutters, and the lines that stand in for what is drawn
    blocks       how each block without blocks in it is drawn
    paragraph    where an open paragraph may be cut
    leaves, code, table   what of a block is drawn, and the rest of its state
    inline       inline text to runs, settled, or closed for the eye
    grammar      markdown-it with the bounds that a stream needs
    look, rows, cells   looks, wrapping, widths
    painter      rows to bytes, of a row only what has changed

markdown-it parses, Pygments colours, the looks are those of rich's Markdown. Drawing through rich itself was
measured at 3 times the cost of everything here together, and it cannot go on in the middle of a block.

Where this look differs from `rich.markdown` on purpose:

- The gutter of a numbered item depends on its own number. Gutters leave a quarter of the width free.
- A picture stands in its text, with its address. An address that is its own text is shown once. Markup in a
  link and in the header of a table has its look.
- HTML is shown as it was written, dim; `<br>` breaks the line, `<kbd>` is a look.
- A tab in a text is a space. Between ideographs a row may end. Joined emoji, flags, Indic letters have room
  for all their parts: terminals that do not know the whole draw those.
- A word that is too long for its column in a table is broken; rich cuts it off.
- An empty item keeps its bullet, an empty quote its bar; empty code has no row between its edges.
- No row is left free above a list or quote, and one above a table, at the top and below a rule. One row is
  free above a quote that begins with a rule, and none above an empty heading below a rule.
- The language of code is also found in `{.python}` and `rust,ignore`; its colours fit any background, as
  those of code in a text, keys and addresses do.
- Where the terminal's encoding is not UTF-8, ornaments are ASCII.

A stream ends as the same rows as `render` of the whole text, for any pieces, but for these exceptions:

1. A link whose definition comes after it stays as it was written: the stream could not know. `render` knows.
2. A table keeps the widths of its first 2,000 rows or 256,000 characters.
3. Markup that is opened in a paragraph and not closed within 8,000 characters is taken as it stands.
4. A setext heading, and the header row of a table, have at most 800 characters; longer ones are paragraphs.
   (The same for a stream and for `render`, but not for CommonMark.)
5. What nests deeper than 40 levels is a paragraph. (The same.)
6. What is drawn before the terminal changes its size keeps its width; what comes while it is tiny is shown as
   it was written.
"""
