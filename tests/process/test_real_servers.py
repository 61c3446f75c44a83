"""Servers and proxies of others: what mira asks and reads works with each of them."""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
import trustme

EVENTS = [
    'data: {"choices":[{"delta":{"content":"Hello "}}]}\n\n',
    'data: {"choices":[{"delta":{"content":"there"},"finish_reason":"stop"}]}\n\n',
    "data: [DONE]\n\n",
]
ASGI = f"""
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/event-stream")]
    await send({{"type": "http.response.start", "status": 200, "headers": headers}})
    for event in {EVENTS!r}:
        await send({{"type": "http.response.body", "body": event.encode(), "more_body": True}})
    await send({{"type": "http.response.body", "body": b""}})
"""
NODE = f"""
require("http").createServer((request, response) => {{
  request.resume().on("end", () => {{
    response.writeHead(200, {{"Content-Type": "text/event-stream"}});
    for (const event of {EVENTS!r}) response.write(event);
    response.end();
  }});
}}).listen(+process.argv[2], "127.0.0.1");
"""
NGINX = """
daemon off; pid nginx.pid; error_log stderr; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{target}; proxy_buffering off; }} }}
}}
"""
TINYPROXY = "Port {port}\nListen 127.0.0.1\nTimeout 60\n"
SQUID = """
http_port 127.0.0.1:{port}
http_access allow all
pid_filename none
cache_log /dev/null
access_log none
cache deny all
shutdown_lifetime 0 seconds
"""


class Old(http.server.BaseHTTPRequestHandler):
    """Speaks HTTP/1.0: the body ends with the connection."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        for event in EVENTS:
            self.wfile.write(event.encode())

    def log_message(self, *_):
        pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def serve_with(tmp_path):
    """Start a program that listens on a port; wait until it does."""
    with contextlib.ExitStack() as stack:

        def serve(*command, port):
            # A program is its own leader: squid and nginx have children, which end with their parent.
            process = stack.enter_context(
                subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            stack.callback(process.terminate)
            end = time.monotonic() + 60
            while time.monotonic() < end and process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    return
                time.sleep(0.05)
            raise AssertionError(f"{command[0]} does not listen")

        yield serve


@pytest.fixture
def ask(start):
    def ask(url, **variables):
        process = start("ask", "hi", extra={"MIRA_BASE_URL": url, **variables})
        out, err = process.communicate(timeout=60)
        return process.returncode, out.decode(), err.decode()

    return ask


@pytest.mark.needs("node")
def test_a_node_server_is_understood(ask, serve_with, tmp_path):
    (tmp_path / "server.js").write_text(NODE)
    port = free_port()
    serve_with("node", "server.js", str(port), port=port)
    assert ask(f"http://127.0.0.1:{port}/v1") == (0, "Hello there\n", "")


@pytest.mark.parametrize(
    "server", [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("uvicorn", "hypercorn")]
)
def test_an_asgi_server_is_understood(ask, serve_with, tmp_path, server):
    (tmp_path / "example.py").write_text(ASGI)
    port = free_port()
    bind = ["--port", str(port)] if server == "uvicorn" else ["--bind", f"127.0.0.1:{port}"]
    serve_with(sys.executable, "-m", server, *bind, "example:app", port=port)
    assert ask(f"http://127.0.0.1:{port}/v1") == (0, "Hello there\n", "")


def test_http_1_0(ask):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Old) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert ask(f"http://127.0.0.1:{server.server_port}/v1") == (0, "Hello there\n", "")
        server.shutdown()


@pytest.mark.needs("nginx")
def test_nginx_in_front(ask, serve_with, tmp_path, simulator):
    port = free_port()
    (tmp_path / "nginx.conf").write_text(NGINX.format(port=port, target=urlsplit(simulator.base_url).netloc))
    serve_with("nginx", "-p", str(tmp_path), "-c", "nginx.conf", port=port)
    code, out, err = ask(f"http://127.0.0.1:{port}/v1")
    assert (code, err) == (0, "")
    assert out.startswith("(simulated reply)")


@pytest.fixture
def elsewhere(tmp_path):
    """A TLS server that is not this machine by its name, though 0.0.0.0 leads to it; and the bundle to trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("0.0.0.0").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Old) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://0.0.0.0:{server.server_port}/v1", str(tmp_path / "ca.pem")
        server.shutdown()


PROXIES = {
    "tinyproxy": ("http", ["tinyproxy", "-d", "-c", "conf"], TINYPROXY),
    "squid": ("http", ["squid", "-N", "-f", "conf"], SQUID),
    "microsocks": ("socks5", ["microsocks", "-i", "127.0.0.1", "-p", "{port}"], ""),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.needs(name)) for name in PROXIES])
def test_through_a_proxy(ask, serve_with, tmp_path, elsewhere, name):
    url, bundle = elsewhere
    scheme, command, conf = PROXIES[name]
    port = free_port()
    (tmp_path / "conf").write_text(conf.format(port=port))
    serve_with(*(word.format(port=port) for word in command), port=port)
    variables = {"HTTPS_PROXY": f"{scheme}://127.0.0.1:{port}", "SSL_CERT_FILE": bundle}
    assert ask(url, **variables) == (0, "Hello there\n", "")
