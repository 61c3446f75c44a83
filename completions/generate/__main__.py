"""Writes what is generated; with `--check` only says what is stale.

python completions/generate [--check]
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1]
ROOT = FOLDER.parent
sys.path[0] = str(FOLDER)  # so that the modules beside this file are the package `generate`

from generate.bash import bash_script
from generate.fish import fish_script
from generate.man import man_page
from generate.powershell import powershell_script
from generate.readme import with_tables
from generate.zsh import zsh_script


def generated() -> dict[Path, str]:
    """Each generated file and what it should hold."""
    readme = ROOT / "README.md"
    return {
        FOLDER / "mira.bash": bash_script(),
        FOLDER / "_mira": zsh_script(),
        FOLDER / "mira.fish": fish_script(),
        FOLDER / "mira.ps1": powershell_script(),
        FOLDER / "mira.1": man_page(),
        readme: with_tables(readme.read_text(encoding="utf-8")),
    }


def main() -> int:
    """Write the stale files, or name them."""
    stale = {
        path: text
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale; run: python completions/generate")
        return bool(stale)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
