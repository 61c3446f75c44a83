"""The same with the five packages imported at the top, as a first version would have it."""

import json
import os

import httpx
import platformdirs
import prompt_toolkit
import rich
import typer
from rich.live import Live
from rich.markdown import Markdown

app = typer.Typer()
_UNUSED = (platformdirs, prompt_toolkit, rich, Live, Markdown)


@app.command()
def ask(question: str, model: str = "mira", temperature: float | None = None) -> None:
    """Ask one question."""
    body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True}
    headers = {"Authorization": f"Bearer {os.environ['MIRA_API_KEY']}"}
    url = f"{os.environ['MIRA_BASE_URL']}/chat/completions"
    with (
        httpx.Client(timeout=120) as client,
        client.stream("POST", url, json=body, headers=headers) as answer,
    ):
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                print(json.loads(line[6:])["choices"][0]["delta"].get("content", ""), end="", flush=True)


if __name__ == "__main__":
    app()
