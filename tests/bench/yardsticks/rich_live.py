"""Markdown as most clients draw it: all of it again ten times a second, with rich.Live."""

import json
import os
import time
from http.client import HTTPConnection

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

body = {"model": "mira", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
headers = {"Authorization": f"Bearer {os.environ['MIRA_API_KEY']}", "Content-Type": "application/json"}
host, _, path = os.environ["MIRA_BASE_URL"].removeprefix("http://").partition("/")
connection = HTTPConnection(host, timeout=120)
connection.request("POST", f"/{path}/chat/completions", json.dumps(body), headers)
text, shown = "", 0.0
with Live(console=Console(), auto_refresh=False) as live:
    for raw in connection.getresponse():
        line = raw.decode().rstrip("\n")
        if line == "data: [DONE]":
            break
        if line.startswith("data: "):
            text += json.loads(line[6:])["choices"][0]["delta"].get("content", "")
            if time.monotonic() - shown > 0.1:
                live.update(Markdown(text), refresh=True)
                shown = time.monotonic()
    live.update(Markdown(text), refresh=True)
