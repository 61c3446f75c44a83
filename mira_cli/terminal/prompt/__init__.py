"""The input line of a chat. Only this folder imports prompt_toolkit.

reader       LineReader, what a chat needs of whoever reads lines, and open_prompt(), which picks one
session      the reader for terminals that can edit a line, made of a prompt_toolkit session
plain        the reader for `--plain` and TERM=dumb
keys, completion, history, screen   the parts of that session: bindings, Tab, ↑, drawing
keyboard     keys while nobody reads them: not shown, kept for the next prompt
hidden       a line that is typed without echo
tty          what termios does, behind one door: Windows has none
"""
