"""The same with the openai SDK."""

import sys

from openai import OpenAI

messages = [{"role": "user", "content": "Hello"}]
for chunk in OpenAI().chat.completions.create(model="mira", messages=messages, stream=True):
    if chunk.choices:
        sys.stdout.write(chunk.choices[0].delta.content or "")
        sys.stdout.flush()
print()
