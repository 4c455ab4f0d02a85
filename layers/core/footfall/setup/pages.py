"""The built dashboard and tracker, from the layer into their bucket, each with how long it may be kept."""

import mimetypes
from pathlib import Path
from typing import Any

ASSETS = "assets/"
"""Below it a file's name changes with its content."""
_CACHE = {
    ".html": "no-cache",
    ".js": "public, max-age=86400, stale-while-revalidate=604800",
}
_FOR_GOOD = "public, max-age=31536000, immutable"
_A_DAY = "public, max-age=86400"


def upload(folder: Path, bucket: str, s3: Any) -> int:
    """Put every file of a folder into a bucket, documents last, and take away what is there no more; how many.

    What lies below `assets/` stays for pages that are open in a browser. `s3` is a boto3 client. Raises what it raises.
    """
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    # A document names the files beside it, so they are there first.
    for name in sorted(files, key=lambda name: (name.endswith(".html"), name)):
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=files[name].read_bytes(),
            ContentType=content_type(name),
            CacheControl=cache_control(name),
        )
    _delete(
        [n for n in _names(bucket, s3) if n not in files and not n.startswith(ASSETS)], bucket, s3
    )
    return len(files)


def empty(bucket: str, s3: Any) -> None:
    """Delete everything in a bucket, which can then be deleted itself; one that is gone is empty."""
    try:
        _delete(_names(bucket, s3), bucket, s3)
    except s3.exceptions.NoSuchBucket:
        return


def content_type(name: str) -> str:
    """What a file is said to be."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def cache_control(name: str) -> str:
    """How long a file may be kept."""
    if name.startswith(ASSETS):
        return _FOR_GOOD
    return _CACHE.get(Path(name).suffix, _A_DAY)


def _names(bucket: str, s3: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]


def _delete(names: list[str], bucket: str, s3: Any) -> None:
    for name in names:
        s3.delete_object(Bucket=bucket, Key=name)
