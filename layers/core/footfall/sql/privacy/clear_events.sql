-- Takes rows that were deleted off the disk too, in the background. Reads and changes: events. Returns: nothing.
ALTER TABLE events APPLY DELETED MASK
