"""The least that a Typer program's help costs."""

import typer


def main(name: str, count: int = 1) -> None:
    """Say hello."""
    print(f"Hello {name}" * count)


typer.run(main)
