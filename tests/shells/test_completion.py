"""The completion scripts in real shells: what a TAB offers after a line, with no program on PATH to start."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

HERE = Path(__file__).parent
COMPLETIONS = HERE.parents[1] / "completions"
COMMANDS = "ask batch chat completion config help models prompts simulate"
CONFIG = "check edit get list path set unset"
MODELS = "mira mira-max mira-pro mira-thinking"
pytestmark = pytest.mark.needs("bash", "zsh", "fish", "shellcheck", "mandoc")
PACKAGES = {"bash": "bash", "zsh": "zsh", "fish": "fish"}
CASES = (
    ("mira ", COMMANDS),
    ("mira c", "chat completion config"),
    ("mira -", "--help --version -V -h"),
    ("mira nonsense ", ""),
    ("mira config ", CONFIG),
    ("mira config s", "set"),
    ("mira config get k", "key key_command"),
    ("mira config set max", "max_time max_tokens"),
    ("mira config unset base", "base_url"),
    ("mira config set model ", MODELS),
    ("mira config set color ", "always auto never"),
    ("mira config set history ", "false true"),
    ("mira config set theme l", "light"),
    ("mira config set system ", ""),
    ("mira config check --b", "--base-url"),
    ("mira help ", COMMANDS),
    ("mira help config e", "edit"),
    ("mira completion ", "bash fish powershell zsh"),
    ("mira ask --mo", "--model"),
    ("mira ask --js", "--json --json-reply"),
    ("mira ask why --ev", "--events"),
    ("mira ask config --ev", "--events"),
    ("mira ask --model mira-p", "mira-pro"),
    ("mira ask --model=mira-", "--model=mira-max --model=mira-pro --model=mira-thinking"),
    ("mira ask -m ", MODELS),
    ("mira chat -m mira-m", "mira-max"),
    ("mira ask -xqm mira-p", "mira-pro"),
    ("mira ask --color ", "always auto never"),
    ("mira ask --color=a", "--color=always --color=auto"),
    ("mira ask --temperature ", ""),
    ("mira ask -m mira --ra", "--raw"),
    ("mira ask -f no", "notes.txt"),
    ("mira ask --file=no", "--file=notes.txt"),
    ("mira ask -c no", "notes.txt"),
    ("mira ask --schema no", "notes.txt"),
    ("mira ask -s no", ""),
    ("mira ask -s @no", "@notes.txt"),
    ("mira batch no", "notes.txt"),
    ("mira batch -o no", "notes.txt"),
    ("mira batch -qo no", "notes.txt"),
    ("mira batch -qo out no", "notes.txt"),
    ("mira batch --retry", "--retry-failed"),
    ("mira ask no", ""),
    ("mira ask ", ""),
    ("mira chat no", ""),
    ("mira ask -- --js", ""),
    ("mira simulate --fail 402-", "402-balance"),
    ("mira simulate --sc", "--script"),
    ("mira simulate -- mira ask --ev", "--events"),
    ("mira simulate --fail 429:2 -- mira config p", "path"),
    ("mira models --j", "--json"),
    ("mira --base-url http://localhost ", None),
)
CACHE = ("from-the-cache", "owner/model:8b", "$(touch broken)", "`touch broken`", "; touch broken")


def program(name, package):
    """Where a program is; a test without it is worth nothing, so it fails."""
    found = shutil.which(name)
    assert found, f"{name} is needed to test the completions: apt-get install {package}"
    return found


def environment(home):
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    return {**kept, "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8"}


def run(command, folder, env, **more):
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False, **more
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def ask_bash(lines, folder, env):
    """Call `_mira` as bash does: words cut at = : @ too, and each answer stands for what follows = or :."""
    script = ["PATH=/nonexistent", "set -euo pipefail", f"source {COMPLETIONS / 'mira.bash'}"]
    prefixes = []
    for number, line in enumerate(lines):
        *before, last = line.split(" ")
        pieces = [
            piece for word in [*before, last] for piece in re.findall(r"[=:@]+|[^=:@]+", word) or [word]
        ]
        prefixes.append(re.match(r"(.*[=:])?", last)[0])
        words = " ".join(f"'{piece}'" for piece in pieces)
        script.append(
            f"COMP_WORDS=({words}) COMP_CWORD={len(pieces) - 1}; COMPREPLY=(); _mira; "
            f"printf '{number}\\t%s\\n' ${{COMPREPLY[@]+\"${{COMPREPLY[@]}}\"}}"
        )
    answers = run(["bash", "--norc", "-c", "\n".join(script)], folder, env)
    return [(number, prefixes[number] + word) for number, word in by_number(answers) if word]


def ask_zsh(lines, folder, env):
    asked, offered = folder.parent / "asked", folder.parent / "offered"
    asked.write_text("".join(f"{line}\n" for line in lines))
    offered.write_text("")
    run(["zsh", "-f", HERE / "driver.zsh", asked, offered, COMPLETIONS], folder, env)
    return [(number - 1, word.removesuffix("=")) for number, word in by_number(offered.read_text())]


def ask_fish(lines, folder, env):
    script = ["set PATH /nonexistent", f"source {COMPLETIONS / 'mira.fish'}"]
    script += [
        f"printf '{number}\\t%s\\n' (complete -C '{line}' | string replace -r '\\t.*' '')"
        for number, line in enumerate(lines)
    ]
    return [pair for pair in by_number(run(["fish", "-N", "-c", "\n".join(script)], folder, env)) if pair[1]]


def by_number(text):
    return [(int(line.partition("\t")[0]), line.partition("\t")[2]) for line in text.splitlines()]


ASK = {"bash": ask_bash, "zsh": ask_zsh, "fish": ask_fish}


def offered(shell, lines, home):
    """What the shell offers after each line, sorted."""
    program(shell, PACKAGES[shell])
    folder = home / "here"
    folder.mkdir()
    (folder / "notes.txt").touch()
    answers = {line: set() for line in lines}
    for number, word in ASK[shell](lines, folder, environment(home)):
        answers[lines[number]].add(word)
    assert not (folder / "broken").exists()
    return {line: " ".join(sorted(words)) for line, words in answers.items()}


@pytest.mark.parametrize("shell", ASK)
def test_a_tab_offers(shell, tmp_path):
    cases = [case for case in CASES if case[1] is not None]
    answers = offered(shell, [line for line, _ in cases], tmp_path)
    assert answers == dict(cases)


@pytest.mark.parametrize("shell", ASK)
def test_the_models_seen_last_are_offered_and_never_run(shell, tmp_path):
    (tmp_path / ".cache" / "mira").mkdir(parents=True)
    (tmp_path / ".cache" / "mira" / "models").write_text("".join(f"{name}\n" for name in CACHE))
    answers = offered(shell, ["mira ask -m from", "mira config set model from", "mira ask -m "], tmp_path)
    assert answers["mira ask -m from"] == answers["mira config set model from"] == "from-the-cache"
    assert answers["mira ask -m "] == " ".join(sorted(CACHE))


@pytest.mark.parametrize("shell", ASK)
def test_the_saved_prompts_are_offered(shell, tmp_path):
    folder = tmp_path / ".config" / "mira" / "prompts"
    folder.mkdir(parents=True)
    for name in ("review.md", "tutor.md", "notes.txt", "$(touch ran).md"):
        (folder / name).touch()
    lines = ["mira ask -p ", "mira chat --prompt=t", "mira prompts show re", "mira config set prompt "]
    answers = offered(shell, lines, tmp_path)
    assert answers["mira ask -p "] == answers["mira config set prompt "] == "review tutor"
    assert answers["mira prompts show re"] == "review"
    assert "tutor" in answers["mira chat --prompt=t"]


TYPED = (
    ("mira ask --model=mira-p\t", "mira ask --model=mira-pro "),
    ("mira ask --model=mira-t\t--js\t-r\t", "mira ask --model=mira-thinking --json-reply "),
    ("mira ask -f my\t", "mira ask -f my\\ notes.txt "),
    ("mira ask -f 'my\t", "mira ask -f 'my notes.txt' "),
    ("mira ask -s @no\t", "mira ask -s \\@notes.txt "),
    ("mira simulate --fail 402-b\t--sc\t", "mira simulate --fail 402-balance --script "),
    ("mira config set stream t\t", "mira config set stream true "),
    ("mira ask no\t", "mira ask no"),
)


@pytest.mark.parametrize(("keys", "line"), TYPED)
def test_bash_completes_what_is_typed(keys, line, tmp_path):
    for name in ("notes.txt", "my notes.txt"):
        (tmp_path / name).touch()
    bash = program("bash", "bash")
    env = {**environment(tmp_path), "PS1": "$ ", "INPUTRC": "/dev/null"}
    with pexpect.spawn(
        bash, ["--norc", "--noprofile"], cwd=tmp_path, env=env, encoding="utf-8", timeout=60
    ) as shell:
        shell.sendline("bind 'set bell-style none'; bind 'set enable-bracketed-paste off'")
        shell.sendline(
            f"source '{COMPLETIONS / 'mira.bash'}'; say() {{ echo \"<<$READLINE_LINE>>\"; READLINE_LINE=; }}"
        )
        shell.sendline("bind -x '\"\\C-t\": say'; echo rea''dy")
        shell.expect("ready\r\n")
        shell.send(f"{keys}\x14")
        shell.expect("<<(.*)>>")
        assert shell.match[1] == line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("mira ask --ev\t", "mira ask --events "),
        ("mira ask why --mod\tmira-p\t", "mira ask why --model=mira-pro "),
        ("mira chat --lo\tno\t", "mira chat --load=notes.txt "),
        ("mira ask -f my\t", "mira ask -f my\\ notes.txt "),
        ("mira batch --as\t", "mira batch --as-completed "),
        ("mira 'what is this' --dry\t", "mira 'what is this' --dry-run "),
    ],
)
def test_zsh_completes_with_one_tab(keys, line, tmp_path):
    for name in ("notes.txt", "my notes.txt"):
        (tmp_path / name).touch()
    env = {**environment(tmp_path), "PS1": "$ "}
    with pexpect.spawn(
        program("zsh", "zsh"), ["-f", "-i"], cwd=tmp_path, env=env, encoding="utf-8", timeout=60
    ) as shell:
        shell.sendline(f"fpath=('{COMPLETIONS}' $fpath); autoload -U compinit; compinit -D -u")
        shell.sendline('say() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N say; bindkey "^T" say')
        shell.sendline("print rea''dy")
        shell.expect("ready\r\n")
        shell.send(f"{keys}\x14")
        shell.expect("<<(mira .*)>>")
        assert shell.match[1] == line


@pytest.mark.parametrize(
    ("command", "package"),
    [
        (("shellcheck", "mira.bash"), "shellcheck"),
        (("bash", "-n", "mira.bash"), "bash"),
        (("zsh", "-n", "_mira"), "zsh"),
        (("fish", "-n", "mira.fish"), "fish"),
        (("mandoc", "-Tlint", "mira.1"), "mandoc"),
    ],
    ids=" ".join,
)
def test_the_generated_files_pass_the_linters(command, package):
    program(command[0], package)
    done = subprocess.run(command, cwd=COMPLETIONS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
