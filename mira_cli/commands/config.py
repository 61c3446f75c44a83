"""`mira config`: what is remembered between runs."""

from __future__ import annotations

from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """Do what the second word says."""
    from mira_cli.session import configuring

    streams, env = around.streams, around.env
    match call.command.path[1]:
        case "list":
            configuring.show_list(streams, env, as_json=call.has("json"))
        case "get":
            return configuring.get(streams, env, call.word("name"), reveal=call.has("reveal"))
        case "set":
            value = call.words["value"]
            configuring.set_value(streams, env, call.word("name"), value[0] if value else None)
        case "unset":
            configuring.unset(streams, env, call.word("name"))
        case "edit":
            configuring.edit(streams, env)
        case "path":
            configuring.show_path(streams, env, key=call.has("key"))
        case "check":
            from mira_cli.session import checking

            return checking.run(streams, env, call.settings, as_json=call.has("json"))
        case name:
            raise NotImplementedError(name)
    return 0
