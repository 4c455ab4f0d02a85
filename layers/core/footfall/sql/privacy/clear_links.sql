-- Takes rows that were deleted off the disk too, in the background. Reads and changes: links. Returns: nothing.
ALTER TABLE links APPLY DELETED MASK
