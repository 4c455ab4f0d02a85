-- The hashes of actors, as the table of events has them. Reads: nothing. Returns: hashes.
SELECT arrayMap(actor -> sipHash64(actor), {actors:Array(String)}) AS hashes
