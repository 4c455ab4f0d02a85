-- Forgets changes that every build has seen. Reads and changes: changes. Returns: nothing.
DELETE FROM changes WHERE noted_at < {before:DateTime64(3, 'UTC')}
