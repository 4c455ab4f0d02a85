-- A row of `uniques` is a day of a value: an array of the days that its visitors came last before, another of how many.
-- A row a previous day (`previous_day`, `visitors`), as builds wrote before, reads as arrays of one.
ALTER TABLE uniques
  ADD COLUMN IF NOT EXISTS previous_days Array(Date) DEFAULT [previous_day],
  ADD COLUMN IF NOT EXISTS counts Array(Int32) DEFAULT [toInt32(visitors)]
