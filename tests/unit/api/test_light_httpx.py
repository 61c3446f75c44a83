"""What httpx brings along, and what it does not when we import it."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from mira_cli.api.light_httpx import UNUSED, _Absent

UNWANTED = {*UNUSED, "rich", "pygments", "socksio", "asyncio"}


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def test_what_is_never_used_is_not_loaded():
    loaded = run(
        "import json, sys\n"
        "from mira_cli.api.light_httpx import load_httpx\n"
        "httpx = load_httpx()\n"
        "assert load_httpx() is httpx and httpx.Client\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    assert {"httpx", "httpcore", "h11"} <= set(loaded)
    assert not UNWANTED & set(loaded)


def test_afterwards_everything_can_be_imported():
    loaded = run(
        "import json, sys\n"
        "from mira_cli.api.light_httpx import load_httpx\n"
        "before = list(sys.meta_path)\n"
        "load_httpx()\n"
        "import anyio, click\n"
        "print(json.dumps([sys.meta_path == before, anyio.__name__, click.__name__]))"
    )
    assert loaded == [True, "anyio", "click"]


def test_other_threads_import_what_they_like_meanwhile():
    absent = _Absent()
    with pytest.raises(ModuleNotFoundError):
        absent.find_spec("click")
    assert absent.find_spec("json") is None
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(absent.find_spec, "click").result() is None


def test_a_direct_request_loads_neither_httpx_nor_ssl():
    loaded = run(
        "import json, sys\n"
        "from mira_cli.api.client import Client\n"
        "from mira_cli.api.terms import Limits\n"
        "class Observer:\n"
        "    log = notice = retrying = lambda *_: None\n"
        "client = Client('http://127.0.0.1:9/v1', 'sk-mira-x', Limits(), Observer(), env={})\n"
        "client.warm_up()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    unwanted = {
        *UNWANTED,
        "httpx",
        "httpcore",
        "ssl",
        "certifi",
        "email",
        "urllib",
        "http",
        "logging",
        "random",
    }
    assert not unwanted & set(loaded)
    assert not {"mira_cli.api.status_failures", "mira_cli.api.exchange_failures"} & set(loaded)
