-- Takes rows that were deleted off the disk too, in the background. Reads and changes: rejects. Returns: nothing.
ALTER TABLE rejects APPLY DELETED MASK
