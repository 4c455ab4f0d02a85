-- Takes rows that were deleted off the disk too, in the background. Reads and changes: aliases. Returns: nothing.
ALTER TABLE aliases APPLY DELETED MASK
