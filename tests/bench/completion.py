"""Measures a TAB in bash: mira's static script beside Typer's own completion of the same commands.

    bench/bin/python tests/bench/completion.py [ROUNDS]

Both complete the same line in the same bash. A round times each once, in random order: CPU of bash and of what
it starts, per TAB. The goal is a hundredth.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))
from rounds import run_rounds

SCRIPT = Path(__file__).parents[2] / "completions" / "mira.bash"
LINES = ("mira ask --mo", "mira config s", "mira batch --re")
PEER = """#!{python}
from mira_cli.commands.root import application
app = application()
app._add_completion = True
app()
"""


def cpu_of(script: str, env: dict[str, str]) -> float:
    """Seconds of CPU that bash and its children take for this script."""
    child = subprocess.Popen(["bash", "--norc", "-c", script], env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return used.ru_utime + used.ru_stime


def tab(source: str, function: str, line: str, times: int, env: dict[str, str]) -> float:
    """Milliseconds of CPU for one TAB; what bash takes to start and to read the script is taken off."""
    words = line.split()
    head = f"source '{source}'; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
    many = f"for ((n = 0; n < {times}; n++)); do COMPREPLY=(); {function} mira; done; "
    check = "((${#COMPREPLY[@]})) || exit 1"
    return (cpu_of(head + many + check, env) - cpu_of(head, env)) * 1000 / times


def main() -> None:
    """Run the rounds and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with TemporaryDirectory() as folder:
        peer = Path(folder) / "mira"
        peer.write_text(PEER.format(python=sys.executable), encoding="utf-8")
        peer.chmod(peer.stat().st_mode | stat.S_IXUSR)
        env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        made = subprocess.run(
            [peer], env={**env, "_MIRA_COMPLETE": "source_bash"}, capture_output=True, check=False
        )
        typers = Path(folder) / "typer.bash"
        typers.write_bytes(made.stdout)
        print("| line | mira ms | Typer ms | mira / Typer |\n|---|---|---|---|")
        for line in LINES:
            clients = {
                "mira": lambda line=line: {"cpu": tab(str(SCRIPT), "_mira", line, 300, env)},
                "Typer": lambda line=line: {"cpu": tab(str(typers), "_mira_completion", line, 1, env)},
            }
            found = run_rounds(clients, rounds, line)
            print(
                f"| `{line}` | {found.of('mira'):.2f} | {found.of('Typer'):.0f} | 1/{1 / found.ratio('mira', 'Typer'):.0f} |"
            )


if __name__ == "__main__":
    main()
