"""`mira models`: lists the models."""

import typer

from mira_cli.commands import options as o


def models(
    ctx: typer.Context,
    json: o.Json = False,
    color: o.Color = None,
    timeout: o.Timeout = None,
    max_time: o.MaxTime = None,
    retries: o.Retries = None,
    base_url: o.BaseUrl = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """List the models, their context windows and maximum reply length.

    Examples:
        mira models
        mira models --json
    """
    from mira_cli.session.models import show_models

    run: o.Run = ctx.obj
    settings = o.given_settings(ctx)
    show_models(run.streams, run.env, settings, as_json=json, quiet=quiet, verbose=verbose)
