"""The C locale, with Python's own remedies switched off: words, variables and file names are UTF-8 all the same."""

import os
import subprocess
import sys

import pytest

MIRA = os.path.join(os.path.dirname(sys.executable), "mira")
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def mira(simulator, tmp_path):
    """Runs the program in the C locale, in a folder with a file whose name is not ASCII."""
    (tmp_path / "naïve.txt").write_text("grün", encoding="utf-8")
    env = {**os.environ, **C_LOCALE, "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}

    def run(*args, stdin="", **variables):
        return subprocess.run(
            [*args[:-1], *args[-1]] if isinstance(args[-1], list) else [MIRA, *args],
            cwd=tmp_path,
            env={**env, **variables},
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("args", "sent"),
    [
        (("ask", "naïve 世界"), "naïve 世界"),
        (("ask", "-f", "naïve.txt", "why"), "grün"),
        (("ask", "-c", "gespräch.json", "grün?"), "grün?"),
        (("ask", "-s", "Sei naïv", "why"), "Sei naïv"),
        (("ask", "-s", "@naïve.txt", "why"), "grün"),
        (("ask", "--stop", "äh", "why"), "äh"),
        (("naïve 世界 in one word",), "naïve 世界 in one word"),
        (("chat", "--save", "gespräch.json", "grün?"), "grün?"),
    ],
)
def test_words_and_file_names(mira, simulator, args, sent):
    done = mira(*args)
    assert done.returncode == 0, done.stderr.decode()
    [request] = simulator.requests
    assert sent in str(request.body)
    assert "�" not in str(request.body)


def test_variables_and_what_is_typed_in_a_chat(mira, simulator, tmp_path):
    done = mira("chat", stdin="/file naïve.txt\nüber?\n/save grün.md\n", MIRA_SYSTEM="Sei naïv")
    assert done.returncode == 0, done.stderr.decode()
    [request] = simulator.requests
    for part in ("Sei naïv", "grün", "über?"):
        assert part in str(request.body)
    assert (tmp_path / "grün.md").exists()


def test_a_module_run_and_a_command_under_the_simulator(mira):
    done = mira(sys.executable, ["-m", "mira_cli", "simulate", "--", MIRA, "ask", "-n", "naïv"])
    assert done.returncode == 0, done.stderr.decode()
    assert "naïv" in done.stdout.decode()


def test_bytes_that_are_not_utf8_do_not_stop_it(mira, simulator):
    assert mira("ask", "caf\udce9").returncode == 0
    assert "caf�" in str(simulator.requests[0].body)
