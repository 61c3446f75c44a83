"""The yardstick: what one would write with httpx to stream an answer."""

import json
import os
import sys

import httpx

body = {"model": "mira", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
headers = {"Authorization": f"Bearer {os.environ['MIRA_API_KEY']}"}
url = f"{os.environ['MIRA_BASE_URL']}/chat/completions"
with httpx.Client(timeout=120) as client, client.stream("POST", url, json=body, headers=headers) as answer:
    for line in answer.iter_lines():
        if line == "data: [DONE]":
            break
        if line.startswith("data: "):
            sys.stdout.write(json.loads(line[6:])["choices"][0]["delta"].get("content", ""))
            sys.stdout.flush()
print()
