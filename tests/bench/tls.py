"""The same over TLS: CPU until the request has arrived at a server with a certificate of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from clients import Bench
from goals import Goal, Section, number
from measure import BenchError, Client, Server
from rounds import Task, run_rounds

if TYPE_CHECKING:
    from collections.abc import Callable

_YARDSTICK, _MIRA = "plain httpx script", "mira ask, piped"


def measure(bench: Bench, rounds: int) -> Section:
    """Measure with SSL_CERT_FILE naming the authority that signed the server's certificate."""
    with TemporaryDirectory() as place:
        authority, certificate = _certificates(Path(place))
        with Server(certificate) as server:
            there = Bench(server, bench.home, bench.mira, {"SSL_CERT_FILE": authority})

            def to_the_wire(make: Callable[[], Client]) -> Task:
                server.forget()
                with make() as client:
                    at = float(server.wait_for("request"))
                    sample = client.stop()
                return {"cpu": sample.cpu, "wall": (at - sample.started) * 1000}

            makers: dict[str, Callable[[], Client]] = {
                _YARDSTICK: partial(there.script, "plain_httpx", "hold"),
                _MIRA: partial(there.ask, "hold"),
            }
            found = run_rounds(
                {name: partial(to_the_wire, make) for name, make in makers.items()}, rounds, "TLS"
            )
    rows = [
        (
            name,
            number(found.of(name)),
            number(found.of(name, "wall")),
            number(found.ratio(name, _YARDSTICK)),
        )
        for name in makers
    ]
    goals = [Goal("ask piped over TLS, CPU to the wire / httpx", found.ratio(_MIRA, _YARDSTICK), 1.2, 1)]
    return Section(
        "Over TLS", ("until the request is there", "CPU ms", "wall ms", "/ httpx"), rows, goals, found
    )


def _certificates(place: Path) -> tuple[str, str]:
    """Files: an authority's certificate; a certificate for 127.0.0.1 by it, with its key."""
    try:
        import trustme
    except ImportError as error:
        raise BenchError("the part tls needs trustme: pip install trustme") from error
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(place / "authority.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(place / "server.pem")
    return str(place / "authority.pem"), str(place / "server.pem")
