"""Objects in a bucket of S3 or another object store, by key; the only module that knows `obstore`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from vrbridge.errors import BucketAway

_CODE = re.compile(r"<Code>(\w+)</Code>")
# S3's error codes, which some answers carry; the rest of an answer names keys and addresses.
_REASONS = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidBucketName": "there can't be a bucket of that name",
    "AccessDenied": "access is denied",
    "AllAccessDisabled": "access is denied",
    "InvalidAccessKeyId": "the access key is unknown there",
    "SignatureDoesNotMatch": "the secret key is not the access key's",
    "ExpiredToken": "the credentials have expired",
    "InvalidToken": "the session token is not valid",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "PermanentRedirect": "the bucket is in another region",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
    "SlowDown": "it is asked too often",
}
# What obstore says where there is no answer with a code, or none that can be read (HEAD has no body).
_HINTS = (
    ("169.254.169.254", "no credentials were found"),
    ("latest/api/token", "no credentials were found"),
    ("latest/meta-data", "no credentials were found"),
    ("incorrectly configured region", "the bucket is in another region"),
    ("certificate", "its certificate is not trusted here"),
    ("403 Forbidden", "access is denied"),
    ("401 Unauthorized", "access is denied"),
)
_PAGE = 1000


class Bucket:
    """A folder of a bucket.

    Every method raises BucketAway if the bucket can't be asked; cancelling is safe.

    Args:
        store: Of obstore; keys are relative to its prefix.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def read(self, key: str) -> memoryview | None:
        """Return all bytes of an object, or None if there is none."""
        try:
            with _asking():
                answer = await obstore.get_async(self._store, key)
                return memoryview(await answer.bytes_async())
        except FileNotFoundError:
            return None

    async def has(self, key: str) -> bool:
        """Return whether there is an object."""
        try:
            with _asking():
                await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def write(self, key: str, data: bytes | memoryview) -> None:
        """Put an object in place of any other of that key; readers find the old or the new one whole."""
        with _asking(is_missing_expected=False):
            await obstore.put_async(self._store, key, data)

    async def remove(self, key: str) -> None:
        """Remove an object if it is there."""
        try:
            with _asking():
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:  # Azure and Google say so, S3 does not
            return

    async def keys(self, folder: str) -> list[str]:
        """Return the keys in a folder and those below it.

        Args:
            folder: Without a slash at the end.
        """
        return [key for key, _ in await self.times(folder)]

    async def times(self, folder: str) -> list[tuple[str, float]]:
        """Return the keys in a folder and below, and when each was written, in seconds since 1970."""
        found: list[tuple[str, float]] = []
        with _asking(is_missing_expected=False):
            async for page in obstore.list(self._store, folder, chunk_size=_PAGE):
                found += [(item["path"], item["last_modified"].timestamp()) for item in page]
        return found

    async def first(self, folder: str) -> str | None:
        """Return any key in a folder or below it, or None."""
        with _asking(is_missing_expected=False):
            async for page in obstore.list(self._store, folder, chunk_size=1):
                return page[0]["path"]
        return None


def reason_of(error: BaseException) -> str:
    """Return in plain words why a bucket could not be asked, without keys, addresses or names."""
    text = str(error)
    code = _CODE.search(text)
    if code is not None:
        return _REASONS.get(code[1], f"it answers {code[1]}")
    return next((reason for hint, reason in _HINTS if hint in text), "it does not answer")


@contextmanager
def _asking(*, is_missing_expected: bool = True) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        reason = reason_of(error)
        if is_missing_expected and reason != _REASONS["NoSuchBucket"]:
            raise
        raise BucketAway(reason) from None
    except (BaseError, OSError) as error:
        # Not as the cause: the text of obstore's errors names addresses and access keys.
        raise BucketAway(reason_of(error)) from None
