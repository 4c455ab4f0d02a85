"""The one way in which setup itself fails; who deploys reads why."""

from footfall.errors import FootfallError


class SetupFailed(FootfallError):
    """What a deployment needs cannot be done; the message is for the person who deploys."""
