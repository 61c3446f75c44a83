"""`mira completion`: prints a completion script."""

from typing import Annotated

import typer

from mira_cli.errors import UsageError

SCRIPTS = {"bash": "mira.bash", "zsh": "_mira", "fish": "mira.fish", "powershell": "mira.ps1"}


def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
) -> None:
    """Print the completion script of a shell.

    Examples:
        mira completion bash
        mira completion fish | source
    """
    ctx.obj.streams.write(script_for(shell))


def script_for(shell: str) -> str:
    """The completion script of a shell, as written by `completions/generate`.

    Raises:
        UsageError: There is none for this shell; the message lists the shells.
    """
    from pathlib import Path

    import mira_cli

    if shell not in SCRIPTS:
        from mira_cli.settings.parse import nearest

        near = nearest(shell, tuple(SCRIPTS))
        raise UsageError(
            f"No completion for '{shell}'." + (f" Did you mean '{near}'?" if near else ""),
            hint="There is one for bash, zsh, fish and powershell.",
        )
    package = Path(mira_cli.__file__).parent
    folder = package / "completions"  # where the wheel puts them
    if not folder.is_dir():
        folder = package.parent / "completions"  # a checkout, installed with -e
    return (folder / SCRIPTS[shell]).read_text(encoding="utf-8")
