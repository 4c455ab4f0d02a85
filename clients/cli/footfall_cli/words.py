"""Names that a shell may complete. The server knows best which there are: whatever else is typed is sent to it."""

METRICS = (
    "pageviews", "visitors", "sessions", "events", "views_per_session", "bounce_rate", "avg_duration",
)  # fmt: skip
DIMENSIONS = (
    "page", "hostname", "title", "event", "device", "browser", "browser_version", "os", "os_version", "country",
    "region", "city", "language", "screen_size", "entry_page", "exit_page", "source", "referrer", "channel",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip
PERIODS = (
    "today", "yesterday", "24h", "7d", "30d", "90d", "mtd", "ytd", "12mo", "all",
)  # fmt: skip
INTERVALS = ("minute", "hour", "day", "week", "month")
BOTS = ("exclude", "include", "only")
COMPARISONS = ("previous", "year", "none")
