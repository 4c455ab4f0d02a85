-- Forgets arrivals that every later run has seen. Reads and changes: arrivals. Returns: nothing.
ALTER TABLE arrivals DELETE WHERE inserted_at < {before:DateTime64(3, 'UTC')}
