"""The local stack: the deployed handlers on a laptop, with engines that keep what they were given."""
