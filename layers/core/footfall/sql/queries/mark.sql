-- How far something has come. Reads: marks. Returns: at (ms), 0 when it never came anywhere.
SELECT toUnixTimestamp64Milli(max(at)) AS at
FROM marks
WHERE name = {name:String}
