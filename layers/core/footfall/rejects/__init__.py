"""What was not taken: listed by reason, and replayed once a rule is mended.

by_code   how many deliveries, why, and an example
replay    the deliveries are taken once more, by the rules as they are now
"""
