"""A command under the simulator."""

import os
import signal
import sys

import pytest

from mira_cli.errors import UsageError
from mira_cli.session.simulate import environment, run
from rig.simulator import Simulator


def python(code):
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("code", [0, 1, 9, 255])
def test_the_exit_code_is_passed_on(code):
    assert run(python(f"raise SystemExit({code})"), os.environ) == code


def test_a_signal_is_128_and_its_number():
    assert run(python("import os; os.kill(os.getpid(), 9)"), os.environ) == 137
    assert run(python("import os; os.abort()"), os.environ) == 128 + signal.SIGABRT


def test_a_command_that_is_not_there_is_127():
    with pytest.raises(UsageError, match="there is no such command") as caught:
        run(["surely-no-such-command"], os.environ)
    assert caught.value.exit_code == 127


def test_a_command_that_cannot_be_run_is_126(tmp_path):
    for name, content in (("plain", ""), ("noformat", "neither fish nor fowl")):
        path = tmp_path / name
        path.write_text(content, "utf-8")
        path.chmod(0o755 if name == "noformat" else 0o644)
        with pytest.raises(UsageError, match=name) as caught:
            run([str(path)], os.environ)
        assert caught.value.exit_code == 126


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    run(python(""), os.environ)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_the_child_is_born_with_default_signals():
    code = "import signal; raise SystemExit(signal.getsignal(signal.SIGTERM) != signal.SIG_DFL)"
    assert run(python(code), os.environ) == 0


def test_the_two_variables_are_set_and_nothing_else():
    with Simulator() as simulator:
        child = environment({"A": "b", "MIRA_API_KEY": "sk-mira-real"}, simulator)
        assert child == {"A": "b", "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}


@pytest.mark.parametrize(
    ("env", "bypass"),
    [
        ({"https_proxy": "http://p"}, "127.0.0.1"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "a.b"}, "a.b,127.0.0.1"),
        ({"ALL_PROXY": "http://p", "no_proxy": "a.b"}, "a.b,127.0.0.1"),
    ],
)
def test_a_proxy_is_passed_by(env, bypass):
    with Simulator() as simulator:
        child = environment(env, simulator)
    assert child["NO_PROXY"] == child["no_proxy"] == bypass
