-- The values that occur, most events first, then by name. Reads: $sources. Returns: value, events.
SELECT value, sum(source.events) AS events
FROM ($sources) AS source
WHERE position(lowerUTF8(value), lowerUTF8({search:String})) > 0
GROUP BY value
HAVING events > 0
ORDER BY events DESC, value
LIMIT {limit:UInt32}
