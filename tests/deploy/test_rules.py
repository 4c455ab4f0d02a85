"""The rules of rules.py hold for every kind of deployment, and each of them can fail."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests import translated
from tests.deploy import rules

DEPLOYMENTS: dict[str, dict[str, str]] = {
    "defaults": {"StorePassword": "hunter2"},
    "no password": {"StorePassword": "-"},
    "a secret that is there": {"StoreSecretArn": "arn:aws:secretsmanager:eu-central-1:1:secret:s"},
    "a VPC and a Valkey of one's own": {
        "VpcId": "vpc-0a1b2c3d",
        "SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d",
        "CountersUrl": "rediss://valkey.example:6379",
    },
    "a store inside": {
        "StoreIsPrivate": "true",
        "StorePassword": "hunter2",
        "VpcId": "vpc-0a1b2c3d",
        "SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d",
        "CreateEndpoints": "true",
    },
    "everything": {
        "StorePassword": "hunter2",
        "DomainName": "stats.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
        "HostedZoneId": "Z1",
        "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1",
        "AccessLogs": "true",
        "AlarmEmail": "who@example.com",
        "CollectConcurrency": "50",
        "QueryConcurrency": "20",
        "AvailabilityZones": "eu-central-1a,eu-central-1b",
    },
    "an API alone": {"Distribution": "false", "EventsPerDay": "0", "StorePassword": "hunter2"},
}
WITH_OTHER_PERMISSIONS = {"no password", "a secret that is there", "a store inside"}
"""What differs there on purpose is in tests of their own."""


@pytest.fixture(scope="module")
def stacks() -> dict[str, dict[str, Any]]:
    source = translated.source()
    return {name: translated.resolved(source, given) for name, given in DEPLOYMENTS.items()}


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_holds(stacks: dict[str, dict[str, Any]], rule: Any, deployment: str):
    is_other = deployment in WITH_OTHER_PERMISSIONS
    if is_other and rule is rules.each_function_may_do_what_it_does_and_no_more:
        return

    assert list(rule(stacks[deployment])) == []


def test_a_secret_that_is_there_is_all_that_its_readers_may_read(stacks: dict[str, Any]):
    stack = stacks["a secret that is there"]

    for name in ("IngestFunction", "QueryFunction", "RollupFunction", "AdminFunction", "PrivacyFunction"):  # fmt: skip
        (statement,) = (
            each
            for each in rules.statements(stack, name)
            if "secretsmanager" in str(each["Action"])
        )
        assert statement["Resource"] == DEPLOYMENTS["a secret that is there"]["StoreSecretArn"]
    assert "StoreSecret" not in stack["Resources"]


def test_without_a_password_nobody_reads_one(stacks: dict[str, Any]):
    assert "secretsmanager:GetSecretValue" not in rules.permissions(
        stacks["no password"], "QueryFunction"
    )


def test_functions_of_a_private_store_are_where_it_is_and_ask_valkey_themselves(
    stacks: dict[str, Any],
):
    functions = rules.functions(stacks["a store inside"])

    for name, given in functions.items():
        # Push sends to API Gateway, at its public address.
        assert ("VpcConfig" in given) == (name != "PushFunction"), name
        assert ("lambda://" in json.dumps(given)) == (name == "PushFunction"), name


def test_data_is_deleted_only_where_that_was_asked_for():
    stack = translated.resolved(None, {"StorePassword": "hunter2", "WhenDeleted": "delete"})

    found = rules.permissions(stack, "SetupFunction")

    assert found["sqs:DeleteQueue"] == {"EventsQueue", "EventsDeadLetterQueue"}
    assert {"KeysSecret", "StoreSecret"} <= found["secretsmanager:DeleteSecret"]


def test_a_password_is_in_its_secret_and_nowhere_else(stacks: dict[str, Any]):
    stack = deepcopy(stacks["everything"])
    secret = stack["Resources"].pop("StoreSecret")

    assert json.loads(secret["Properties"]["SecretString"]) == {"password": "hunter2"}
    assert "hunter2" not in json.dumps(stack)


def test_there_is_a_way_out_of_the_made_vpc_to_two_services_only(stacks: dict[str, Any]):
    resources = stacks["defaults"]["Resources"]
    kinds = {each["Type"] for each in resources.values()}

    services = {
        each["Properties"]["ServiceName"].rpartition(".")[2]
        for each in rules.of_type(stacks["defaults"], "AWS::EC2::VPCEndpoint").values()
    }
    assert services == {"sqs", "secretsmanager"}
    assert not kinds & {"AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::Route"}


def test_a_vpc_of_ones_own_is_left_as_it_is(stacks: dict[str, Any]):
    stack = stacks["a VPC and a Valkey of one's own"]

    for kind in ("VPC", "Subnet", "VPCEndpoint", "RouteTable"):
        assert not rules.of_type(stack, f"AWS::EC2::{kind}")
    (config,) = {json.dumps(f["VpcConfig"]) for f in rules.functions(stack).values() if "VpcConfig" in f}  # fmt: skip
    assert json.loads(config)["SubnetIds"] == ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]
    assert not rules.of_type(stack, "AWS::ElastiCache::ServerlessCache")


def test_keys_and_addresses_are_printed(stacks: dict[str, Any]):
    outputs = stacks["everything"]["Outputs"]

    assert outputs["DashboardUrl"]["Value"] == "https://stats.example.com/"
    assert outputs["CollectUrl"]["Value"] == "https://stats.example.com/${Setup.PathPrefix}"
    assert outputs["CdnDomainName"]["Value"] == {"Fn::GetAtt": ["Cdn", "DomainName"]}
    assert 'data-site="${Setup.WriteKey}"' in outputs["Snippet"]["Value"]
    assert outputs["LoginCommand"]["Value"].startswith("footfall login --stack footfall")
    assert "Snippet" not in stacks["an API alone"]["Outputs"]
    assert "execute-api" in stacks["an API alone"]["Outputs"]["CollectUrl"]["Value"]


def test_the_gateway_lets_through_more_than_collect_takes_of_a_key():
    parameters = translated.source()["Parameters"]

    assert parameters["ApiRateLimit"]["MinValue"] >= parameters["RateLimit"]["Default"]


# Each takes something out of the source, or puts something wrong in; the rule that is named has to tell.
Source = dict[str, Any]


def _function(source: Source, name: str) -> dict[str, Any]:
    found: dict[str, Any] = source["Resources"][f"{name}Function"]["Properties"]
    return found


def _no_sending(source: Source) -> None:
    policies = _function(source, "Collect")["Policies"]
    del policies[next(i for i, each in enumerate(policies) if "SQSSendMessagePolicy" in each)]


def _more_than_needed(source: Source) -> None:
    _function(source, "Realtime")["Policies"] = [
        {"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}
    ]


def _no_invoking(source: Source) -> None:
    policies = _function(source, "Privacy")["Policies"]
    del policies[next(i for i, each in enumerate(policies) if "LambdaInvokePolicy" in str(each))]


def _an_unmapped_route(source: Source) -> None:
    del _function(source, "Query")["Events"]["Metrics"]


def _a_route_of_another(source: Source) -> None:
    events = _function(source, "Query")["Events"]
    _function(source, "Realtime")["Events"]["Daily"] = events.pop("Daily")


def _no_default(source: Source) -> None:
    del _function(source, "Collect")["Events"]["Default"]


def _no_schedule(source: Source) -> None:
    del _function(source, "Rollup")["Events"]["EveryMinute"]


def _outlasts_the_gateway(source: Source) -> None:
    _function(source, "Query")["Timeout"] = 31


def _redelivered_too_early(source: Source) -> None:
    _function(source, "Ingest")["Timeout"] = 90


def _gives_up_before_setup(source: Source) -> None:
    source["Resources"]["Setup"]["Properties"]["ServiceTimeout"] = 60


def _serves_before_setup(source: Source) -> None:
    del source["Resources"]["IngestFunction"]["DependsOn"]


def _no_setup_for_new_code(source: Source) -> None:
    del source["Resources"]["Setup"]["Properties"]["Code"]


def _runs_before_its_network(source: Source) -> None:
    del source["Resources"]["Setup"]["Properties"]["Network"]


def _deleted_without_its_network(source: Source) -> None:
    setup = source["Resources"]["Setup"]["Properties"]
    ways = setup["Network"]["Fn::If"][1]
    ways[:] = [each for each in ways if "SqsVpcEndpoint" not in str(each)]


def _buried_within_a_day(source: Source) -> None:
    source["Resources"]["EventsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] = 240


def _one_name_in_any_subnet(source: Source) -> None:
    source["Resources"]["Counters"]["Properties"]["ServerlessCacheName"] = {
        "Fn::Sub": "${AWS::StackName}-counters"
    }


def _a_dashboard_of_all_regions(source: Source) -> None:
    source["Resources"]["Dashboard"]["Properties"]["DashboardName"] = {"Ref": "AWS::StackName"}


def _an_old_origin_key(source: Source) -> None:
    source["Resources"]["Cdn"]["Properties"]["DistributionConfig"]["Comment"] = "Footfall"


def _errors_that_are_kept(source: Source) -> None:
    del source["Resources"]["Cdn"]["Properties"]["DistributionConfig"]["CustomErrorResponses"][-2]


def _silent_at_a_small_site(source: Source) -> None:
    source["Resources"]["CollectRefusesAlarm"]["Properties"]["Threshold"] = 10


def _fewer_commands_than_requests_take(source: Source) -> None:
    source["Parameters"]["CountersEcpu"]["Default"] = 5000


def _goes_with_the_stack(source: Source) -> None:
    del source["Resources"]["EventsQueue"]["DeletionPolicy"]


def _an_engine_that_is_none(source: Source) -> None:
    source["Resources"]["Counters"]["Properties"]["Engine"] = "valkeyy"


def _a_schedule_that_is_none(source: Source) -> None:
    _function(source, "Salts")["Events"]["EveryHour"]["Properties"]["Schedule"] = "rate(1 hours)"


def _not_told(source: Source) -> None:
    del _function(source, "Query")["Environment"]["Variables"]["STORE_URL"]


def _outside_valkeys_network(source: Source) -> None:
    del _function(source, "Realtime")["VpcConfig"]


def _whole_batches_again(source: Source) -> None:
    del _function(source, "Ingest")["Events"]["Events"]["Properties"]["FunctionResponseTypes"]


def _a_metric_that_is_none(source: Source) -> None:
    source["Resources"]["RollupLagAlarm"]["Properties"]["MetricName"] = "RolupLag"


def _a_function_nobody_watches(source: Source) -> None:
    metrics = source["Resources"]["FunctionErrorsAlarm"]["Properties"]["Metrics"]
    metrics[:] = [each for each in metrics if each["Id"] != "ingest"]


def _a_relay_nobody_watches(source: Source) -> None:
    metrics = source["Resources"]["ThrottlesAlarm"]["Properties"]["Metrics"]
    metrics[:] = [each for each in metrics if each["Id"] != "counters"]


def _a_sum_of_eleven(source: Source) -> None:
    metrics = source["Resources"]["ThrottlesAlarm"]["Properties"]["Metrics"]
    metrics.append(metrics[-1] | {"Id": "again"})


def _a_route_in_the_bucket(source: Source) -> None:
    config = source["Resources"]["Cdn"]["Properties"]["DistributionConfig"]
    config["CacheBehaviors"][0]["PathPattern"] = "*.json"


def _another_host(source: Source) -> None:
    policy = source["Resources"]["ApiOriginRequestPolicy"]["Properties"]
    policy["OriginRequestPolicyConfig"]["HeadersConfig"]["Headers"][0] = "Host"


def _an_address_in_the_log(source: Source) -> None:
    settings = source["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]
    settings["Fn::If"][1]["Format"] = '{"ip":"$context.identity.sourceIp"}'


def _two_architectures(source: Source) -> None:
    _function(source, "Query")["Architectures"] = ["x86_64"]


def _a_reference_into_nothing(source: Source) -> None:
    del source["Outputs"]["Snippet"]["Condition"]


def _two_routes(source: Source) -> None:
    del source["Resources"]["LiveApi"]["Properties"]["Routes"]["$disconnect"]


def _a_socket_of_another(source: Source) -> None:
    routes = source["Resources"]["LiveApi"]["Properties"]["Routes"]
    routes["$default"]["FunctionArn"] = {"Fn::GetAtt": ["RealtimeFunction", "Arn"]}


def _asked_in_vain(source: Source) -> None:
    del source["Resources"]["LiveAnswer"]


def _answers_that_are_not_chosen(source: Source) -> None:
    routes = source["Resources"]["LiveApi"]["Properties"]["Routes"]
    del routes["$default"]["RouteResponseSelectionExpression"]


def _a_stage_elsewhere(source: Source) -> None:
    source["Resources"]["LiveApi"]["Properties"]["StageName"] = "prod"


def _asked_without_end(source: Source) -> None:
    del source["Resources"]["LiveApi"]["Properties"]["DefaultRouteSettings"]


def _closes_sockets_too(source: Source) -> None:
    statement = _function(source, "Push")["Policies"][1]["Statement"]
    text = statement["Resource"]["Fn::Sub"]
    statement["Resource"] = {"Fn::Sub": text.replace("POST", "*")}


def _a_handshake_without_its_ticket(source: Source) -> None:
    policy = source["Resources"]["LiveOriginRequestPolicy"]["Properties"]
    config = policy["OriginRequestPolicyConfig"]
    config["QueryStringsConfig"] = {"QueryStringBehavior": "none"}


def _no_way_to_the_socket(source: Source) -> None:
    behaviors = source["Resources"]["Cdn"]["Properties"]["DistributionConfig"]["CacheBehaviors"]
    del behaviors[0]


def _no_way_to_api_gateway(source: Source) -> None:
    _function(source, "Push")["VpcConfig"] = _function(source, "Live")["VpcConfig"]


def _pushed_again(source: Source) -> None:
    source["Resources"]["LiveQueue"]["Properties"]["MessageRetentionPeriod"] = 3600


def _pushed_in_batches(source: Source) -> None:
    event = _function(source, "Push")["Events"]["Watched"]["Properties"]
    event["MaximumBatchingWindowInSeconds"] = 5


def _a_push_that_outlasts_its_message(source: Source) -> None:
    _function(source, "Push")["Timeout"] = 30


def _an_answer_nobody_waits_for(source: Source) -> None:
    _function(source, "Live")["Timeout"] = 10


def _a_push_nobody_watches(source: Source) -> None:
    metrics = source["Resources"]["LiveErrorsAlarm"]["Properties"]["Metrics"]
    metrics[:] = [each for each in metrics if each["Id"] != "pushthrottled"]


BREAKS: list[tuple[Callable[[Source], None], Any, str]] = [
    (_no_sending, rules.each_function_may_do_what_it_does_and_no_more, "defaults"),
    (_more_than_needed, rules.each_function_may_do_what_it_does_and_no_more, "defaults"),
    (_more_than_needed, rules.no_policy_names_everything, "defaults"),
    (_no_invoking, rules.who_speaks_to_valkey_is_where_it_is, "defaults"),
    (_outside_valkeys_network, rules.who_speaks_to_valkey_is_where_it_is, "defaults"),
    (_an_unmapped_route, rules.every_route_has_its_function, "defaults"),
    (_a_route_of_another, rules.every_route_has_its_function, "defaults"),
    (_no_default, rules.every_route_has_its_function, "defaults"),
    (_two_routes, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (_a_socket_of_another, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (_asked_in_vain, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (
        _answers_that_are_not_chosen,
        rules.a_socket_is_opened_answered_and_closed_by_live,
        "defaults",
    ),
    (_a_stage_elsewhere, rules.a_socket_is_opened_answered_and_closed_by_live, "an API alone"),
    (_asked_without_end, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (_closes_sockets_too, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (
        _a_handshake_without_its_ticket,
        rules.a_socket_is_opened_answered_and_closed_by_live,
        "defaults",
    ),
    (_no_way_to_the_socket, rules.a_socket_is_opened_answered_and_closed_by_live, "defaults"),
    (_no_way_to_api_gateway, rules.who_speaks_to_valkey_is_where_it_is, "a store inside"),
    (_pushed_again, rules.queues_are_wired, "defaults"),
    (_pushed_in_batches, rules.queues_are_wired, "defaults"),
    (_a_push_that_outlasts_its_message, rules.timeouts_fit, "defaults"),
    (_an_answer_nobody_waits_for, rules.timeouts_fit, "defaults"),
    (_a_push_nobody_watches, rules.every_function_that_can_fail_is_watched, "defaults"),
    (_no_schedule, rules.the_gateway_may_invoke_what_it_maps, "defaults"),
    (_outlasts_the_gateway, rules.timeouts_fit, "defaults"),
    (_redelivered_too_early, rules.timeouts_fit, "defaults"),
    (_gives_up_before_setup, rules.timeouts_fit, "defaults"),
    (_serves_before_setup, rules.new_code_serves_after_setup, "defaults"),
    (_no_setup_for_new_code, rules.new_code_serves_after_setup, "defaults"),
    (_runs_before_its_network, rules.setup_waits_for_the_ways_it_takes, "a store inside"),
    (_deleted_without_its_network, rules.setup_waits_for_the_ways_it_takes, "a store inside"),
    (_buried_within_a_day, rules.queues_are_wired, "defaults"),
    (_one_name_in_any_subnet, rules.what_is_replaced_gets_another_name, "defaults"),
    (_one_name_in_any_subnet, rules.what_is_replaced_gets_another_name, "a store inside"),
    (_a_dashboard_of_all_regions, rules.what_is_replaced_gets_another_name, "defaults"),
    (_an_old_origin_key, rules.cloudfront_shows_the_key_and_keeps_no_error, "defaults"),
    (_errors_that_are_kept, rules.cloudfront_shows_the_key_and_keeps_no_error, "defaults"),
    (_silent_at_a_small_site, rules.alarms_watch_what_is_there, "defaults"),
    (_fewer_commands_than_requests_take, rules.names_of_aws_are_real, "defaults"),
    (_goes_with_the_stack, rules.data_outlives_the_stack, "defaults"),
    (_an_engine_that_is_none, rules.names_of_aws_are_real, "defaults"),
    (_a_schedule_that_is_none, rules.names_of_aws_are_real, "defaults"),
    (_not_told, rules.everything_reads_what_it_is_told, "defaults"),
    (_whole_batches_again, rules.queues_are_wired, "defaults"),
    (_a_metric_that_is_none, rules.alarms_watch_what_is_there, "defaults"),
    (_a_function_nobody_watches, rules.every_function_that_can_fail_is_watched, "defaults"),
    (_a_relay_nobody_watches, rules.every_function_that_can_fail_is_watched, "defaults"),
    (_a_sum_of_eleven, rules.every_function_that_can_fail_is_watched, "defaults"),
    (_a_route_in_the_bucket, rules.files_and_routes_are_told_apart, "defaults"),
    (_another_host, rules.files_and_routes_are_told_apart, "defaults"),
    (_an_address_in_the_log, rules.no_address_is_logged, "everything"),
    (_two_architectures, rules.everything_is_one_architecture, "defaults"),
    (_a_reference_into_nothing, rules.every_reference_is_to_something_made, "an API alone"),
]


@pytest.mark.parametrize(
    ("broken", "rule", "deployment"), BREAKS, ids=lambda each: getattr(each, "__name__", None)
)
def test_a_broken_template_is_told_from_a_right_one(broken: Any, rule: Any, deployment: str):
    source = translated.source()
    broken(source)

    assert list(rule(translated.resolved(source, DEPLOYMENTS[deployment])))


def test_every_rule_was_seen_to_fail():
    assert {rule for _, rule, _ in BREAKS} == set(rules.RULES)
