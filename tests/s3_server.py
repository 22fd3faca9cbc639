"""A server that speaks S3, in a process of its own."""

import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tester",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_REGION": "us-east-1",
    # Nobody is asked for a machine's role.
    "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1",
}
"""Environment of whoever asks the server, which takes any key."""

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
_PATIENCE_S = 60
# Signatures are not checked.
_SIGNED = "AWS4-HMAC-SHA256 Credential=tester/20300131/us-east-1/s3/aws4_request, Signature=0"


@dataclass(frozen=True)
class S3Server:
    """A running server, empty at first, that loses everything when it ends."""

    endpoint: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.endpoint.rpartition(":")[2])

    def new_bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"test-{uuid.uuid4().hex[:16]}"
        self._ask("PUT", name)
        return name

    def drop_bucket(self, name: str) -> None:
        """Remove an empty bucket."""
        self._ask("DELETE", name)

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """Put an object into a bucket, in place of any other."""
        self._ask("PUT", f"{bucket}/{key}", data)

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object."""
        self._ask("DELETE", f"{bucket}/{key}")

    def keys(self, bucket: str) -> list[str]:
        """Return the keys of all objects, of which there are less than a thousand."""
        return re.findall("<Key>([^<]+)</Key>", self._ask("GET", f"{bucket}?list-type=2"))

    def suspend(self) -> None:
        """Have it take connections and answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def _ask(self, method: str, path: str, content: bytes = b"") -> str:
        headers = {"Authorization": _SIGNED}
        answer = httpx.request(
            method, f"{self.endpoint}/{path}", content=content, headers=headers, timeout=_PATIENCE_S
        )
        return answer.raise_for_status().text


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Start a server on a free port, wait until it answers, and end it; its log goes into the folder."""
    command = [sys.executable, "-c", _PROGRAM]
    with (folder / "s3.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        line = process.stdout.readline()
        assert line, (folder / "s3.log").read_text()[-4000:]
        yield S3Server(f"http://127.0.0.1:{int(line)}", process)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
