"""Which sites there are and whose keys: rows in the store, documents in the counters, a memory in each process."""
