"""Handshakes that a web page or a port scanner may try, and the HTTP status of each."""

from dataclasses import dataclass
from typing import Final

from tests.integration.bare import SUBPROTOCOL, UPGRADE

HERE: Final = "http://{host}"
"""Stands for a page of the server's own host and port."""


@dataclass(frozen=True)
class Handshake:
    """A request and its answer.

    Args:
        name: What is tried.
        status: Of the answer; 0: the connection is closed without one.
        headers: Besides those of every upgrade; `{host}` and `{port}` are the server's.
        host: The `Host` header; None: absent, empty: the right one.
        method: HTTP method.
        path: HTTP path.
        version: HTTP version.
        without: Headers of an upgrade that are left out.
    """

    name: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    host: str | None = ""
    method: str = "GET"
    path: str = "/ws"
    version: str = "HTTP/1.1"
    without: str = ""

    @property
    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Every header but `Host`."""
        kept = tuple(pair for pair in (*UPGRADE, SUBPROTOCOL) if pair[0] != self.without)
        names = {name for name, _ in self.headers}
        return (*(pair for pair in kept if pair[0] not in names), *self.headers)


def _origin(name: str, status: int, *origins: str) -> Handshake:
    return Handshake(f"origin.{name}", status, tuple(("Origin", origin) for origin in origins))


ORIGINS: Final = [
    _origin("missing", 101),
    _origin("own", 101, HERE),
    _origin("own_capitals", 101, "HTTP://{host}"),
    _origin("own_slash", 101, "http://{host}/"),
    _origin("null", 403, "null"),
    _origin("empty", 403, ""),
    _origin("blank", 403, " "),
    _origin("foreign", 403, "https://evil.example"),
    _origin("foreign_http", 403, "http://evil.example"),
    _origin("same_host_other_port", 403, "http://127.0.0.1:1"),
    _origin("same_host_no_port", 403, "http://127.0.0.1"),
    _origin("other_name_of_this_machine", 403, "http://localhost:{port}"),
    _origin("ipv6_of_this_machine", 403, "http://[::1]:{port}"),
    _origin("ipv6_mapped", 403, "http://[::ffff:127.0.0.1]:{port}"),
    _origin("ipv6_broken", 400, "http://["),
    _origin("ipv6_zone", 403, "http://[fe80::1%25eth0]:{port}"),
    _origin("trailing_dot", 403, "http://127.0.0.1.:{port}"),
    _origin("subdomain", 403, "http://{host}.evil.example"),
    _origin("prefix", 403, "http://evil.example/{host}"),
    _origin("user", 403, "http://{host}@evil.example"),
    _origin("user_here", 403, "http://evil.example@{host}"),
    _origin("fragment", 403, "http://evil.example#{host}"),
    _origin("query", 403, "http://evil.example?{host}"),
    _origin("backslash", 403, "http://evil.example\\@{host}"),
    _origin("decimal_address", 403, "http://2130706433:{port}"),
    _origin("octal_address", 403, "http://0177.0.0.1:{port}"),
    _origin("short_address", 403, "http://127.1:{port}"),
    _origin("zero_address", 403, "http://0.0.0.0:{port}"),
    _origin("file", 403, "file://"),
    _origin("file_here", 403, "file://{host}"),
    _origin("data", 403, "data:text/html"),
    _origin("extension", 403, "chrome-extension://abcdef"),
    _origin("ws", 403, "ws://{host}"),
    _origin("no_scheme", 403, "{host}"),
    _origin("two_own", 403, HERE, HERE),
    _origin("own_then_foreign", 403, HERE, "https://evil.example"),
    _origin("foreign_then_own", 403, "https://evil.example", HERE),
    _origin("list", 403, "http://{host}, https://evil.example"),
    _origin("latin", 403, "http://\xe4.example"),
    _origin("long", 403, "http://" + "a" * 4000),
]
HOSTS: Final = [
    Handshake("host.missing", 403, host=None),
    Handshake("host.foreign", 403, host="evil.example"),
    Handshake("host.foreign_with_port", 403, host="evil.example:80"),
    Handshake("host.subdomain_of_ours", 403, host="localhost.evil.example"),
    Handshake("host.trailing_dot", 403, host="localhost."),
    Handshake("host.capitals", 101, host="LOCALHOST"),
    Handshake("host.other_port", 101, host="127.0.0.1:1"),
    Handshake("host.ipv6", 101, host="[::1]:80"),
    Handshake("host.ipv6_broken", 403, host="[::1"),
    Handshake("host.ipv6_empty", 403, host="[]"),
    Handshake("host.user", 101, host="evil.example@127.0.0.1"),
    Handshake("host.blank", 403, host=" "),
    Handshake("host.two", 400, (("Host", "evil.example"),)),
    Handshake("host.rebound_with_its_origin", 403, (("Origin", "http://evil.example"),), host="evil.example"),
    Handshake("host.any_address", 403, host="0.0.0.0"),
    Handshake("host.long", 403, host="a" * 4000),
]
REQUESTS: Final = [
    Handshake("method.post", 405, method="POST"),
    Handshake("method.put", 405, method="PUT"),
    Handshake("method.head", 405, method="HEAD"),
    Handshake("method.options", 405, method="OPTIONS"),
    Handshake("method.lower", 405, method="get"),
    Handshake("method.none", 405, method=""),
    Handshake("method.connect", 405, method="CONNECT"),
    Handshake("version.1_0", 505, version="HTTP/1.0"),
    Handshake("version.2", 400, version="HTTP/2.0"),
    Handshake("version.none", 400, version=""),
    Handshake("path.root", 200, path="/"),
    Handshake("path.unknown", 404, path="/socket"),
    Handshake("path.longer", 404, path="/ws/"),
    Handshake("path.capitals", 404, path="/WS"),
    Handshake("path.query", 101, path="/ws?token=x"),
    Handshake("path.encoded", 101, path="/%77s"),
    Handshake("path.up", 404, path="/../../etc/passwd"),
    Handshake("path.up_encoded", 404, path="/%2e%2e/%2e%2e/etc/passwd"),
    Handshake("path.zero", 400, path="/%00"),
    Handshake("path.not_utf8", 404, path="/%ff%fe"),
    Handshake("path.absolute", 101, path="http://evil.example/ws"),
    Handshake("path.ipv6_broken", 400, path="http://[/ws"),
    Handshake("path.asset_up", 404, path="/assets/../../etc/passwd"),
    Handshake("path.asset_empty", 404, path="/assets/"),
    Handshake("path.asset_zero", 404, path="/assets/%00"),
    Handshake("path.asset_no_digest", 404, path="/assets/sha256:zz"),
    Handshake("path.long", 404, path="/" + "a" * 7000),
    Handshake("path.too_long", 414, path="/" + "a" * 9000),
    Handshake("subprotocol.none", 101, without="Sec-WebSocket-Protocol"),
    Handshake("subprotocol.foreign", 400, (("Sec-WebSocket-Protocol", "mqtt"),)),
    Handshake("subprotocol.next_version", 400, (("Sec-WebSocket-Protocol", "vrbridge.v2"),)),
    Handshake("subprotocol.capitals", 400, (("Sec-WebSocket-Protocol", "VRBridge.V1"),)),
    Handshake("subprotocol.ours_among_others", 101, (("Sec-WebSocket-Protocol", "mqtt, vrbridge.v1"),)),
    Handshake("subprotocol.no_token", 400, (("Sec-WebSocket-Protocol", "a b"),)),
    Handshake("upgrade.missing", 426, without="Upgrade"),
    Handshake("upgrade.other", 426, (("Upgrade", "h2c"),)),
    Handshake("connection.missing", 426, without="Connection"),
    Handshake("connection.close", 426, (("Connection", "close"),)),
    Handshake("key.missing", 400, without="Sec-WebSocket-Key"),
    Handshake("key.short", 400, (("Sec-WebSocket-Key", "AAAA"),)),
    Handshake("key.no_base64", 400, (("Sec-WebSocket-Key", "!" * 24),)),
    Handshake("websocket_version.missing", 400, without="Sec-WebSocket-Version"),
    Handshake("websocket_version.12", 400, (("Sec-WebSocket-Version", "12"),)),
    Handshake("websocket_version.word", 400, (("Sec-WebSocket-Version", "new"),)),
    Handshake("deflate.offered", 101, (("Sec-WebSocket-Extensions", "permessage-deflate"),)),
    Handshake("extension.broken", 101, (("Sec-WebSocket-Extensions", ";;;="),)),
    Handshake("header.long", 101, (("X-Long", "x" * 7000),)),
    Handshake("header.too_long", 431, (("X-Long", "x" * 9000),)),
    Handshake("header.many", 101, tuple((f"X-{number}", "x") for number in range(100))),
    Handshake("header.too_many", 431, tuple((f"X-{number}", "x") for number in range(200))),
    Handshake("header.no_colon", 400, (("X-One", "1\r\nX-Two"),)),
    Handshake("header.control", 400, (("X-One", "1\x01"),)),
    Handshake("header.folded", 400, (("X-One", "1\r\n 2"),)),
    Handshake("body.length", 400, (("Content-Length", "5"),)),
    Handshake("body.chunked", 400, (("Transfer-Encoding", "chunked"),)),
]
HANDSHAKES: Final = {"origins": ORIGINS, "hosts": HOSTS, "requests": REQUESTS}
