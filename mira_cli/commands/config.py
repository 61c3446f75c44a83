"""`mira config`: what is remembered between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.commands.call import Call, Surroundings


def run(call: Call, around: Surroundings) -> int:
    """Do what the second word says."""
    from mira_cli.session.config import values

    streams, env = around.streams, around.env
    match call.command.path[1]:
        case "list":
            values.show_list(streams, env, as_json=call.has("json"))
        case "get":
            return values.get(streams, env, call.word("name"), reveal=call.has("reveal"))
        case "set":
            words = call.words["value"]
            values.set_value(streams, env, call.word("name"), words[0] if words else None)
        case "unset":
            values.unset(streams, env, call.word("name"))
        case "edit":
            values.edit(streams, env)
        case "path":
            values.show_path(streams, env, key=call.has("key"))
        case "check":
            from mira_cli.session.config import check

            return check.run(streams, env, call.settings, as_json=call.has("json"))
        case name:
            raise NotImplementedError(name)
    return 0
