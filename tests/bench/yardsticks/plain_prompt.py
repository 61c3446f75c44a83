"""A bare prompt_toolkit prompt: the least that an input line with its editing costs."""

from prompt_toolkit import PromptSession

PromptSession().prompt("> ")
