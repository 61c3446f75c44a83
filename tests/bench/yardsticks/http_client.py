"""The same with the standard library's http.client."""

import json
import os
import sys
from http.client import HTTPConnection

body = {"model": "mira", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
headers = {"Authorization": f"Bearer {os.environ['MIRA_API_KEY']}", "Content-Type": "application/json"}
host, _, path = os.environ["MIRA_BASE_URL"].removeprefix("http://").partition("/")
connection = HTTPConnection(host, timeout=120)
connection.request("POST", f"/{path}/chat/completions", json.dumps(body), headers)
for raw in connection.getresponse():
    line = raw.decode().rstrip("\n")
    if line == "data: [DONE]":
        break
    if line.startswith("data: "):
        sys.stdout.write(json.loads(line[6:])["choices"][0]["delta"].get("content", ""))
        sys.stdout.flush()
print()
