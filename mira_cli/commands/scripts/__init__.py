"""The completion scripts and the man page, made from the command tree and the settings table."""

from __future__ import annotations

from mira_cli.commands.tree import SHELLS
from mira_cli.errors import UsageError


def script_for(shell: str) -> str:
    """The completion script of a shell: static text, so that a TAB starts no Python.

    Raises:
        UsageError: There is none for this shell; says which there are.
    """
    match shell:
        case "bash":
            from mira_cli.commands.scripts.bash import bash_script

            return bash_script()
        case "zsh":
            from mira_cli.commands.scripts.zsh import zsh_script

            return zsh_script()
        case "fish":
            from mira_cli.commands.scripts.fish import fish_script

            return fish_script()
        case "powershell":
            from mira_cli.commands.scripts.powershell import powershell_script

            return powershell_script()
    from mira_cli.settings.parse import nearest

    near = nearest(shell, SHELLS)
    raise UsageError(
        f"No completion for '{shell}'." + (f" Did you mean '{near}'?" if near else ""),
        hint="There is one for bash, zsh, fish and powershell.",
    )
