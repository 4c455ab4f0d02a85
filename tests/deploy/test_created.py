"""The stack is created in moto's CloudFormation, as far as that goes: what is asked of AWS is what comes to be."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests import translated
from tests.deploy.reduced import reduced

REGION = "eu-central-1"
MADE = {
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}
"""What at least is really made."""


@pytest.fixture(scope="module")
def account() -> Iterator[dict[str, Any]]:
    """The resources of the created stack, by logical id."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(
            Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as file:
            file.writestr("app.py", "")
        template, _ = reduced(translated.resolved(None, {"StorePassword": "hunter2"}))
        for key in _keys(template):
            s3.put_object(Bucket="artifacts", Key=key, Body=code.getvalue())
        cloudformation = boto3.client("cloudformation", region_name=REGION)
        cloudformation.create_stack(
            StackName="footfall",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
        )
        found = cloudformation.list_stack_resources(StackName="footfall")
        yield {each["LogicalResourceId"]: each for each in found["StackResourceSummaries"]}


def _keys(told: Any) -> Iterator[str]:
    match told:
        case {"S3Key": str(key)}:
            yield key
        case dict():
            for value in told.values():
                yield from _keys(value)
        case list():
            for value in told:
                yield from _keys(value)


def test_it_is_created(account: dict[str, Any]):
    assert {each["ResourceType"] for each in account.values()} >= MADE
    assert {each["ResourceStatus"] for each in account.values()} == {"CREATE_COMPLETE"}


def test_the_queue_redrives_into_the_other_and_ingest_reads_it(account: dict[str, Any]):
    sqs = boto3.client("sqs", region_name=REGION)
    url = account["EventsQueue"]["PhysicalResourceId"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    sources = boto3.client("lambda", region_name=REGION).list_event_source_mappings()
    (source,) = (
        each
        for each in sources["EventSourceMappings"]
        if each["EventSourceArn"] == attributes["QueueArn"]
    )

    dead = account["EventsDeadLetterQueue"]["PhysicalResourceId"].rpartition("/")[2]
    assert redrive["deadLetterTargetArn"].endswith(f":{dead}")
    assert account["IngestFunction"]["PhysicalResourceId"] in source["FunctionArn"]
    assert (source["BatchSize"], source["MaximumBatchingWindowInSeconds"]) == (1000, 5)
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_functions_are_told_of_the_resources_that_were_made(account: dict[str, Any]):
    client = boto3.client("lambda", region_name=REGION)

    def variables(name: str) -> dict[str, str]:
        function = account[f"{name}Function"]["PhysicalResourceId"]
        found = client.get_function_configuration(FunctionName=function)
        told: dict[str, str] = found["Environment"]["Variables"]
        return told

    queue = account["EventsQueue"]["PhysicalResourceId"]
    assert variables("Collect")["EVENT_QUEUE_URL"] == queue
    assert variables("Ingest")["DEAD_LETTER_QUEUE_URL"].endswith(
        account["EventsDeadLetterQueue"]["PhysicalResourceId"].rpartition("/")[2]
    )
    relay = account["CountersFunction"]["PhysicalResourceId"]
    assert variables("Admin")["COUNTERS_URL"] == f"lambda://{relay}"
    assert variables("Collect")["SALTS_VAULT"] == "footfall/salts"
    assert "hunter2" not in json.dumps([variables(n) for n in ("Ingest", "Setup", "Query")])


def test_each_role_may_be_taken_by_lambda_alone(account: dict[str, Any]):
    iam = boto3.client("iam", region_name=REGION)
    roles = [each for each in account.values() if each["ResourceType"] == "AWS::IAM::Role"]

    assert roles
    for role in roles:
        found = iam.get_role(RoleName=role["PhysicalResourceId"])["Role"]
        (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
