"""The event id of a line: a hash of its bytes and of its ordinal among equal lines of its file.

So a line has the same id in a file that has grown, been rotated or been packed, and in every run: importing it again
changes nothing. Each file counts its ordinals by itself. That a file can be given twice, or be both `access.log.1` and
`access.log.1.gz`, matters more than this: two equal lines that a rotation cut apart count once.
"""

import hashlib

WINDOW = 1 << 17
"""How many lines back equal lines are told apart, at least; at most twice as many are remembered.

Equal lines carry the same second, so they lie close to each other. Lines and not hours are counted, so that memory has
a bound whatever the traffic (about 50 MB) and lines need not be in the order of their times.
"""
_KEY_BYTES = 12


class EventIds:
    """The event ids of one file, asked for line by line."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._left = window
        # Two generations: when one is over, the one before it is forgotten.
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    def of(self, raw: bytes) -> str:
        """The id of the next line: a UUID of version 8 (RFC 9562, 5.8) as text."""
        digest = hashlib.sha256(raw).digest()
        ordinal = self._ordinal(digest[:_KEY_BYTES])
        if ordinal:
            digest = hashlib.sha256(b"%s%d" % (digest, ordinal)).digest()
        text = digest[:16].hex()
        variant = "89ab"[digest[8] >> 4 & 3]
        self.skip()
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def skip(self) -> None:
        """The next line needs no id: it counts as a line all the same, whatever is made of it this time."""
        self._left -= 1
        if not self._left:
            self._older, self._recent = self._recent, {}
            self._left = self._window

    def _ordinal(self, key: bytes) -> int:
        """How often the line was seen before."""
        seen = self._recent.get(key)
        if seen is None:
            seen = self._older.get(key, 0)
        self._recent[key] = seen + 1
        return seen
