-- Takes rows that were deleted off the disk too, in the background. Reads and changes: the table. Returns: nothing.
ALTER TABLE $table APPLY DELETED MASK
