"""What `vrbridge serve --lan` tells whoever wants to open the page on a headset."""

import datetime
import io
import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from rich.console import Console

from vrbridge.server.certificate import own_certificate
from vrbridge.server.tokens import Tokens, signing_key

HOST = "0.0.0.0"  # noqa: S104 - the flag asks for it, and players need tokens then
_PLAYER = "headset"
_TOKEN_TTL_S = 12 * 3600.0
# Nothing is sent there: it only has the system choose the address that it would send from.
_ELSEWHERE = ("192.0.2.1", 9)


def lan_addresses() -> list[str]:
    """Return this machine's addresses on its networks, the one that others most likely reach first."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            found.append(probe.getsockname()[0])
        except OSError:  # no network
            pass
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:  # a name that it doesn't know itself
        infos = []
    found += [str(info[4][0]) for info in infos]
    return [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]


def lan_settings(data: Path, addresses: Sequence[str]) -> dict[str, object]:
    """Return the server's settings for the local network: every address, TLS, and tokens for players.

    Args:
        data: The server's folder, where the certificate is kept.
        addresses: Of this machine.
    """
    names = [*addresses, "127.0.0.1", "localhost"]
    files = own_certificate(data, names, now=datetime.datetime.now(datetime.UTC))
    return {
        "host": HOST,
        "authentication": True,
        "certificate": str(files.certificate),
        "certificate_key": str(files.key),
    }


def invitation(
    data: Path, addresses: Sequence[str], console: Console, *, token_key_file: str | None = None
) -> Callable[[str], None]:
    """Return what shows, once the server's address is known, where its page is and how to get in.

    Args:
        data: The server's folder, with the key that signs tokens.
        addresses: Of this machine.
        console: Where it goes; not into the log, since it holds a token.
        token_key_file: Key that signs tokens instead of the one in the folder.
    """

    def show(url: str) -> None:
        # Here and not on top: the other ways of serving do without it.
        import segno

        token = Tokens(signing_key(token_key_file, data)).create(
            _PLAYER, ttl_s=_TOKEN_TTL_S, scopes=(), now=time.time()
        )
        host = addresses[0] if addresses else "localhost"
        page = f"https://{host}:{urlsplit(url).port}/"
        link = f"{page}#token={quote(token)}"
        console.print(
            f"\nOpen this page on a headset or phone in the same network:\n\n  [bold]{page}[/bold]\n"
        )
        picture = io.StringIO()
        segno.make(link, error="l").terminal(out=picture, compact=True)
        console.file.write(picture.getvalue())
        console.print(
            f"\nThe picture holds the link with a token, which is good for {_TOKEN_TTL_S / 3600:.0f} hours:\n"
        )
        console.print(link, soft_wrap=True, highlight=False)
        console.print(
            "\nThe browser will warn, once, that it does not know who signed the certificate: this machine. "
            "Choose “Advanced”, then “Proceed”. Headsets start VR only on pages that come over https."
        )

    return show
