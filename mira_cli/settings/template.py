"""The settings file that `mira config edit` starts with: every setting explained, none set."""

from __future__ import annotations

from mira_cli.settings.table import KEY, SETTINGS, Setting
from mira_cli.settings.toml_lines import literal

_HEAD = """\
# The settings of mira. A flag goes before a variable, a variable before this file.
# The key is kept elsewhere: mira config set key
"""
_EXAMPLES: dict[str, object] = {
    "temperature": 0.7,
    "top_p": 1,
    "max_tokens": 1024,
    "stop": ["END"],
    "context": 16000,
    "max_time": 600,
    "key_command": "pass show mira",
}


def template() -> str:
    """Its text: each setting is a comment with its default, or with an example where there is none."""
    return _HEAD + "".join(_entry(setting) for setting in SETTINGS if setting is not KEY)


def _entry(setting: Setting) -> str:
    value = _EXAMPLES.get(setting.name, setting.default)
    words = (
        f" ({setting.range})" if setting.kind == "choice" and setting.choices[0] not in setting.help else ""
    )
    return f"\n# {setting.help.removesuffix('.')}{words}.\n# {setting.name} = {literal(value)}\n"
