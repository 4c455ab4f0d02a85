"""What goes when the stack is deleted and its owner asked for that (WhenDeleted=delete): it cannot be brought back."""

from collections.abc import Iterable
from typing import Any

from footfall.aws import Aws, AwsError
from footfall.setup.failed import SetupFailed


def delete_queues(urls: Iterable[str], sqs: Any) -> None:
    """Delete queues and what waits in them; one that is gone is deleted. `sqs` is a boto3 client."""
    for url in urls:
        try:
            sqs.delete_queue(QueueUrl=url)
        except sqs.exceptions.QueueDoesNotExist:
            continue


def delete_secrets(arns: Iterable[str], manager: Aws) -> None:
    """Delete secrets without a time for second thoughts; one that is gone is deleted. Raises SetupFailed."""
    for arn in arns:
        try:
            manager.call("DeleteSecret", {"SecretId": arn, "ForceDeleteWithoutRecovery": True})
        except AwsError as error:
            if error.kind != "ResourceNotFoundException":
                raise SetupFailed("keys", "A secret cannot be deleted.") from error
