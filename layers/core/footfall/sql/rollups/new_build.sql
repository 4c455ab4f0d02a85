-- Build ids of the store's clock: the greatest has seen at least as much as any other. Reads: nothing. Returns: id.
SELECT generateSnowflakeID() AS id
FROM numbers({count:UInt64})
ORDER BY id
