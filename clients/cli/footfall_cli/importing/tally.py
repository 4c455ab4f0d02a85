"""What became of every line: accepted, skipped, refused or broken. Told from several threads."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

EXAMPLES = 3


@dataclass
class Tally:
    """The counts of an import, and the first few lines of each kind of trouble."""

    files: int = 0
    lines: int = 0
    accepted: int = 0
    broken: int = 0
    damaged: int = 0
    """Files that could be read in part only."""
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken_examples: list[str] = field(default_factory=list)
    refused_examples: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def exit_code(self) -> int:
        """1 when something was refused, a file was damaged or nothing at all could be read, else 0."""
        unreadable = self.broken > 0 and self.broken + self.skipped["empty"] == self.lines
        return 1 if self.refused or self.damaged or unreadable else 0

    def skip(self, reason: str) -> None:
        """Count a line that is no event."""
        self.lines += 1
        self.skipped[reason] += 1

    def break_line(self, file: str, line: int, why: str) -> None:
        """Count a line that cannot be read."""
        self.lines += 1
        self.broken += 1
        if len(self.broken_examples) < EXAMPLES:
            self.broken_examples.append(f"{file} line {line}: {why}")

    def refuse(self, code: str, message: str, file: str, line: int) -> None:
        """Count an event that was refused."""
        with self._lock:
            self.refused[code] += 1
            if len(self.refused_examples) < EXAMPLES:
                self.refused_examples.append(f"{file} line {line}: {message} ({code})")

    def accept(self, number: int) -> None:
        """Count events that were accepted."""
        with self._lock:
            self.accepted += number

    def report(self, seconds: float) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "files": self.files,
            "lines": self.lines,
            "accepted": self.accepted,
            "skipped": {reason: number for reason, number in self.skipped.most_common() if number},
            "refused": dict(self.refused.most_common()),
            "broken": self.broken,
            "seconds": round(seconds, 3),
            "events_per_second": round(self.accepted / seconds, 1) if seconds > 0 else 0.0,
        }

    def summary(self, seconds: float) -> str:
        """The counts as lines for a person."""
        report = self.report(seconds)
        files = "1 file" if self.files == 1 else f"{self.files:,} files"
        told = [
            f"{files}, {self.lines:,} lines in {seconds:.1f} s",
            f"accepted {self.accepted:>10,}   {report['events_per_second']:,.0f} events/s",
            _row("skipped", report["skipped"]),
            _row("refused", report["refused"]),
            f"broken   {self.broken:>10,}",
        ]
        return "\n".join(told)


def _row(name: str, counts: dict[str, int]) -> str:
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in counts.items())
    return f"{name}  {sum(counts.values()):>10,}   {reasons}".rstrip()
