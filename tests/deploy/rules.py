"""What has to hold of a stack: each rule reads a resolved template (tests/translated.py) and tells what is wrong.

Linters do not know these: they are about how our resources hang together. test_rules.py holds them for every kind of
deployment, and breaks the template to see each rule fail.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from footfall.api import ROUTES
from footfall.config import Settings
from footfall.realtime import ticket
from footfall.telemetry import METRICS

ROOT = Path(__file__).parents[2]
GATEWAY_SECONDS = 30
COMMANDS_A_REQUEST, REQUESTS_BY_DEFAULT = 14, 400
"""Commands of Valkey by one request to collect; requests a second that docs/operating.md says the defaults carry."""
ERRORS_CLOUDFRONT_KEEPS = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
OWNERS = {
    "QueryFunction": (
        "/metrics", "/timeseries", "/breakdown", "/daily", "/query", "/values", "/properties",
    ),
    "RealtimeFunction": ("/realtime", "/realtime/ticket"),
    "RollupFunction": ("/rollup", "/doctor"),
    "PrivacyFunction": ("/visitors/{id}", "/visitors/{id}/export"),
    "SharesFunction": ("/share/{share_id}", "/shares/{share_id}/session"),
    "AdminFunction": (
        "/access", "/rejects", "/rejects/replay", "/sites", "/sites/{id}",
        "/sites/{id}/keys", "/sites/{id}/keys/{key_id}",
        "/sites/{id}/shares", "/sites/{id}/shares/{share_id}", "/sites/{id}/annotations",
        "/sites/{id}/annotations/{annotation_id}",
    ),
}  # fmt: skip
"""Whose a route is; all others are collect's."""
SALTS = "salts"
NEEDS: dict[str, dict[str, set[str]]] = {
    "CollectFunction": {
        "sqs:SendMessage*": {"EventsQueue", "LiveQueue"},
        "sqs:GetQueueAttributes": {"EventsQueue"},
        "secretsmanager:GetSecretValue": {SALTS},
        "secretsmanager:CreateSecret": {SALTS},
    },
    "IngestFunction": {
        "sqs:SendMessage*": {"EventsQueue", "EventsDeadLetterQueue"},
        "secretsmanager:GetSecretValue": {"StoreSecret"},
    },
    "RollupFunction": {
        "sqs:GetQueueAttributes": {"EventsQueue", "EventsDeadLetterQueue"},
        "lambda:InvokeFunction": {"CountersFunction"},
        "secretsmanager:GetSecretValue": {"StoreSecret"},
    },
    "QueryFunction": {
        "sqs:GetQueueAttributes": {"EventsQueue"},
        "secretsmanager:GetSecretValue": {"StoreSecret"},
    },
    "RealtimeFunction": {},
    "PrivacyFunction": {
        "lambda:InvokeFunction": {"CountersFunction"},
        "secretsmanager:GetSecretValue": {"StoreSecret"},
    },
    "AdminFunction": {
        "sqs:SendMessage*": {"EventsQueue"},
        "lambda:InvokeFunction": {"CountersFunction"},
        "secretsmanager:GetSecretValue": {"StoreSecret"},
    },
    "SharesFunction": {},
    "SaltsFunction": {
        f"secretsmanager:{action}": {SALTS}
        for action in ("GetSecretValue", "CreateSecret", "DeleteSecret")
    },
    "CountersFunction": {},
    "LiveFunction": {},
    "PushFunction": {
        "lambda:InvokeFunction": {"CountersFunction"},
        "execute-api:ManageConnections": {"LiveApi"},
    },
    "SetupFunction": {
        "secretsmanager:GetSecretValue": {"KeysSecret", "StoreSecret"},
        "secretsmanager:PutSecretValue": {"KeysSecret"},
        "secretsmanager:DeleteSecret": {SALTS},
        "s3:ListBucket": {"PagesBucket"},
        "s3:PutObject": {"PagesBucket"},
        "s3:DeleteObject": {"PagesBucket"},
    },
}
"""What each function may do, to which resources: this and nothing else, in a deployment of defaults with a password."""
READS = {
    "store": {"STORE_URL", "STORE_SECRET_ARN"},
    "counters": {"COUNTERS_URL"},
    "valkey": {"COUNTERS_URL"},
    "watchers": {"COUNTERS_URL"},
    "sockets": {"CONNECTIONS_URL"},
    "event_queue": {"EVENT_QUEUE_URL"},
    "registry": {"SITE_ID", "SITE_TIMEZONE", "BACK_DATING_DAYS", "RETENTION_DAYS"},
    "vault": {"SALTS_VAULT"},
    "secrets_manager": {"AWS_ENDPOINT_URL_SECRETS_MANAGER"},
    "collector": {
        "EVENT_QUEUE_URL", "COUNTERS_URL", "SALTS_VAULT", "ALLOW_KEYLESS", "RATE_LIMIT", "WRITE_KEY", "GEO_DATABASE",
        "ASN_DATABASE", "LIVE_QUEUE_URL",
    },
    "remembered_health": {"HEALTH_SECONDS"},
}  # fmt: skip
"""The variables behind each thing of wiring.py."""
SETTINGS = {each.name.upper() for each in fields(Settings)}
NEVER_PUT_BACK = {
    "EventsQueue": "RetainExceptOnCreate",
    "EventsDeadLetterQueue": "RetainExceptOnCreate",
    "KeysSecret": "RetainExceptOnCreate",
    "StoreSecret": "RetainExceptOnCreate",
}

Stack = dict[str, Any]
Problems = Iterator[str]


def of_type(stack: Stack, kind: str) -> dict[str, Any]:
    """The resources of a type, by logical id."""
    return {name: each for name, each in stack["Resources"].items() if each["Type"] == kind}


def functions(stack: Stack) -> dict[str, Any]:
    """The properties of the functions."""
    found = of_type(stack, "AWS::Lambda::Function")
    return {name: each["Properties"] for name, each in found.items()}


def variables(function: dict[str, Any]) -> dict[str, Any]:
    """The environment of a function."""
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def referenced(told: Any) -> set[str]:
    """The logical ids that a value names, as Ref, GetAtt or in a text."""
    match told:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case dict():
            return set().union(*map(referenced, told.values()))
        case list():
            return set().union(*map(referenced, told))
        case str():
            return {name.partition(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9.]+)\}", told)}
    return set()


def every_reference_is_to_something_made(stack: Stack) -> Problems:
    """What a condition leaves out is named nowhere."""
    known = stack["Resources"].keys() | {"AWS"}
    for section in ("Resources", "Outputs"):
        for name, each in stack[section].items():
            depends = each.get("DependsOn", [])
            names = referenced(each) | ({depends} if isinstance(depends, str) else set(depends))
            for missing in names - known:
                yield f"{name} names {missing}, which is not made"


def every_route_has_its_function(stack: Stack) -> Problems:
    """The gateway has the routes of api.ROUTES, each with its owner, and sends everything else to collect."""
    (api,) = (
        each
        for each in of_type(stack, "AWS::ApiGatewayV2::Api").values()
        if each["Properties"].get("ProtocolType") != "WEBSOCKET"
    )
    routes = {
        (method.upper(), path): referenced(operation["x-amazon-apigateway-integration"]["uri"])
        for path, methods in api["Properties"]["Body"]["paths"].items()
        for method, operation in methods.items()
    }
    default = routes.pop(("X-AMAZON-APIGATEWAY-ANY-METHOD", "/$default"), None)
    if default is None:
        default = routes.pop(("X-AMAZON-APIGATEWAY-ANY-METHOD", "$default"), None)
    if default != {"CollectFunction"}:
        yield f"what no route has goes to {default}"
    owners = {path: name for name, paths in OWNERS.items() for path in paths}
    wanted = {
        (method, path): {owners.get(path, "CollectFunction")}
        for path, methods in ROUTES.items()
        for method in methods
    }
    for route in wanted.keys() - routes.keys():
        yield f"{' '.join(route)} is not mapped"
    for route in routes.keys() - wanted.keys():
        yield f"{' '.join(route)} is nobody's"
    for route in wanted.keys() & routes.keys():
        if routes[route] != wanted[route]:
            yield f"{' '.join(route)} goes to {routes[route]}"


def a_socket_is_opened_answered_and_closed_by_live(stack: Stack) -> Problems:
    """The WebSocket API has its three routes, says what `$default` returns, is held back, and lies at the path by which
    CloudFront and the functions look for it.
    """
    keys = {}
    for name, each in of_type(stack, "AWS::ApiGatewayV2::Route").items():
        given = each["Properties"]
        (integration,) = referenced(given["Target"])
        uri = stack["Resources"][integration]["Properties"]["IntegrationUri"]
        keys[given["RouteKey"]] = name
        if referenced(uri) & functions(stack).keys() != {"LiveFunction"}:
            yield f"{given['RouteKey']} goes to {referenced(uri)}"
    if keys.keys() != {"$connect", "$disconnect", "$default"}:
        yield f"its routes are {sorted(keys)}"
        return
    answered = {
        next(iter(referenced(each["Properties"]["RouteId"])))
        for each in of_type(stack, "AWS::ApiGatewayV2::RouteResponse").values()
    }
    asked = stack["Resources"][keys["$default"]]["Properties"]
    if keys["$default"] not in answered or "RouteResponseSelectionExpression" not in asked:
        yield "who asks for numbers is not answered"
    (stage,) = (
        each["Properties"]
        for each in of_type(stack, "AWS::ApiGatewayV2::Stage").values()
        if referenced(each["Properties"]["ApiId"]) == {"LiveApi"}
    )
    path = f"/{stage['StageName']}"
    if path != ticket.PATH:
        yield f"tickets are for {ticket.PATH}, the socket is at {path}"
    if not stage.get("DefaultRouteSettings", {}).get("ThrottlingRateLimit"):
        yield "nothing holds back who asks without end"
    told = [
        variables(functions(stack)["RealtimeFunction"])["LIVE_URL"],
        variables(functions(stack)["PushFunction"])["CONNECTIONS_URL"],
    ]
    for url in told:
        if referenced(url) != {"LiveApi"} or not url.endswith(path):
            yield f"{url} is not the stage"
    for statement in statements(stack, "PushFunction"):
        if "execute-api" in json.dumps(statement) and not str(statement["Resource"]).endswith(
            f"{path}/POST/@connections/*"
        ):
            yield "push may do more than send"
    for cdn in of_type(stack, "AWS::CloudFront::Distribution").values():
        config = cdn["Properties"]["DistributionConfig"]
        found = [each for each in config["CacheBehaviors"] if each["PathPattern"] == path]
        origins = {each["Id"]: referenced(each["DomainName"]) for each in config["Origins"]}
        if [origins[each["TargetOriginId"]] for each in found] != [{"LiveApi"}]:
            yield "CloudFront does not lead to the socket"
            continue
        (policy,) = referenced(found[0]["OriginRequestPolicyId"])
        passed_on = json.dumps(stack["Resources"][policy])
        if "Sec-WebSocket-Key" not in passed_on or '"ticket"' not in passed_on:
            yield "a handshake loses its ticket or its key"
    for name, permission in of_type(stack, "AWS::Lambda::Permission").items():
        source = str(permission["Properties"].get("SourceArn", ""))
        if "LiveApi" in source and referenced(permission["Properties"]["FunctionName"]) != {
            "LiveFunction"
        }:
            yield f"{name} lets the WebSocket API invoke another function"
    if (
        sum("LiveApi" in json.dumps(p) for p in of_type(stack, "AWS::Lambda::Permission").values())
        != 3
    ):
        yield "the WebSocket API may not invoke live on all its routes"


def the_gateway_may_invoke_what_it_maps(stack: Stack) -> Problems:
    """There is a permission for the API and one for each schedule."""
    allowed = {
        (
            next(iter(referenced(each["Properties"]["FunctionName"]))),
            each["Properties"]["Principal"],
        )
        for each in of_type(stack, "AWS::Lambda::Permission").values()
    }
    for name in ("CollectFunction", *OWNERS):
        if (name, "apigateway.amazonaws.com") not in allowed:
            yield f"the API may not invoke {name}"
    for name in ("RollupFunction", "PrivacyFunction", "AdminFunction", "SaltsFunction"):
        if (name, "events.amazonaws.com") not in allowed:
            yield f"no schedule may invoke {name}"


def statements(stack: Stack, function: str) -> Iterator[dict[str, Any]]:
    """The statements of a function's own policies."""
    role = stack["Resources"][f"{function}Role"]["Properties"]
    for policy in role.get("Policies", []):
        found = policy["PolicyDocument"]["Statement"]
        yield from found if isinstance(found, list) else [found]


def permissions(stack: Stack, function: str) -> dict[str, set[str]]:
    """What a function may do to what: secrets of salts are no resource, and are called SALTS."""
    found: dict[str, set[str]] = {}
    for statement in statements(stack, function):
        actions = statement["Action"]
        names = referenced(statement["Resource"])
        if "/salts/*" in json.dumps(statement["Resource"]):
            names = {SALTS}
        for action in actions if isinstance(actions, list) else [actions]:
            found.setdefault(action, set()).update(names)
    return found


def each_function_may_do_what_it_does_and_no_more(stack: Stack) -> Problems:
    """The permissions are those of NEEDS."""
    names = functions(stack).keys()
    if names != NEEDS.keys():
        yield f"functions without a line in NEEDS, or back: {names ^ NEEDS.keys()}"
    made = stack["Resources"].keys() | {SALTS}
    for name in names & NEEDS.keys():
        needed = {action: kept for action, on in NEEDS[name].items() if (kept := on & made)}
        found = permissions(stack, name)
        for action in needed.keys() | found.keys():
            if found.get(action) != needed.get(action):
                yield f"{name}: {action} on {found.get(action)}, needed on {needed.get(action)}"


def no_policy_names_everything(stack: Stack) -> Problems:
    """No resource and no action is a bare star."""
    for name in functions(stack):
        for statement in statements(stack, name):
            for star in re.findall(r'"(\*|[a-z0-9]+:\*)"', json.dumps(statement)):
                yield f"{name} may {star}"


def who_speaks_to_valkey_is_where_it_is(stack: Stack) -> Problems:
    """In the VPC, or through the counters function with leave to invoke it; who needs no Valkey and no private store
    is in no VPC. Push is in none, wherever the store is: API Gateway's address for sending is reached from outside.
    """
    is_private = "VpcConfig" in functions(stack)["QueryFunction"]
    if "VpcConfig" in functions(stack)["PushFunction"]:
        yield "PushFunction is in the VPC, where it cannot reach API Gateway"
    for name, given in functions(stack).items():
        url, is_inside = variables(given).get("COUNTERS_URL", ""), "VpcConfig" in given
        is_relayed = url == "lambda://${CountersFunction}"
        if url and not is_relayed and not is_inside:
            yield f"{name} is not in Valkey's VPC"
        if is_relayed and "CountersFunction" not in permissions(stack, name).get(
            "lambda:InvokeFunction", ()
        ):
            yield f"{name} may not invoke CountersFunction"
        if is_relayed and is_inside:
            yield f"{name} is in the VPC, where it cannot reach Lambda's API"
        if is_inside and not is_private and variables(given).get("STORE_URL"):
            yield f"{name} is in the VPC, where it cannot reach a public store"
        if is_inside and not url and not is_private:
            yield f"{name} has no need of the VPC"


def everything_reads_what_it_is_told(stack: Stack) -> Problems:
    """Every variable behind what a function's code takes from wiring.py is set."""
    for name, given in functions(stack).items():
        code = (ROOT / "functions" / name.removesuffix("Function").lower() / "app.py").read_text()
        needed = set().union(
            *(READS.get(thing, set()) for thing in re.findall(r"wiring\.(\w+)\(", code))
        )
        read = {each.upper() for each in re.findall(r"(?:settings\(\)|told)\.(\w+)", code)}
        needed |= read & SETTINGS
        # A collector asks no store: nothing of what it does may wait for one.
        needed -= {"STORE_URL", "STORE_SECRET_ARN"} if name == "CollectFunction" else set()
        for missing in needed - variables(given).keys():
            yield f"{name} is not told {missing}"


def timeouts_fit(stack: Stack) -> Problems:
    """A function ends before whoever waits for it gives up."""
    given = functions(stack)
    # These two also have a schedule, whose runs are longer; what they do for a request ends with the gateway.
    for name in ("CollectFunction", *OWNERS.keys() - {"RollupFunction", "PrivacyFunction"}):
        if given[name]["Timeout"] >= GATEWAY_SECONDS:
            yield f"{name} outlasts the gateway"
    for queue_name, name in (("EventsQueue", "IngestFunction"), ("LiveQueue", "PushFunction")):
        queue = stack["Resources"][queue_name]["Properties"]
        if queue["VisibilityTimeout"] < 6 * given[name]["Timeout"]:
            yield f"messages come again while {name} may still be at work"
    for integration in of_type(stack, "AWS::ApiGatewayV2::Integration").values():
        patience = integration["Properties"].get("TimeoutInMillis", 29_000)
        if given["LiveFunction"]["Timeout"] * 1_000 >= patience:
            yield "LiveFunction outlasts the gateway"
    (setup,) = of_type(stack, "Custom::Setup").values()
    if int(setup["Properties"]["ServiceTimeout"]) <= given["SetupFunction"]["Timeout"]:
        yield "CloudFormation gives up before setup does"
    for name, each in given.items():
        if not 0 < each["Timeout"] <= 900:
            yield f"{name}: {each['Timeout']} s is more than Lambda has"


def new_code_serves_after_setup(stack: Stack) -> Problems:
    """Every function but setup's own waits for it, by reference or by DependsOn."""
    resources = stack["Resources"]

    def waits(name: str, seen: frozenset[str]) -> bool:
        each = resources[name]
        depends = each.get("DependsOn", [])
        named = referenced(each) | ({depends} if isinstance(depends, str) else set(depends))
        return "Setup" in named or any(
            waits(other, seen | {other}) for other in named & resources.keys() - seen
        )

    for name in functions(stack):
        if name != "SetupFunction" and not waits(name, frozenset({name})):
            yield f"{name} gets its new code before the store is migrated"
    if waits("SetupFunction", frozenset({"SetupFunction"})):
        yield "SetupFunction waits for itself"
    if not any(name.startswith("CoreLayer") for name in referenced(resources["Setup"])):
        yield "new code does not run setup again"


def setup_waits_for_the_ways_it_takes(stack: Stack) -> Problems:
    """In a VPC it runs when the endpoints are there, and before they go: what it deletes it reaches through them."""
    resources = stack["Resources"]
    if "VpcConfig" not in functions(stack)["SetupFunction"]:
        return
    for name, each in resources.items():
        kind = each["Type"]
        if kind == "AWS::EC2::VPCEndpoint" and name not in referenced(resources["Setup"]):
            yield f"Setup may run before {name} is there"


def data_outlives_the_stack(stack: Stack) -> Problems:
    """What cannot be made again stays when the stack is deleted or a resource replaced."""
    for name, policy in NEVER_PUT_BACK.items():
        each = stack["Resources"].get(name)
        if each and (each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) != (policy, "Retain"):  # fmt: skip
            yield f"{name} goes with the stack"
    for name, layer in of_type(stack, "AWS::Lambda::LayerVersion").items():
        if layer.get("DeletionPolicy") != "Delete":
            yield f"{name}: every version would stay"


def everything_is_one_architecture(stack: Stack) -> Problems:
    """Functions and the layer of libraries are built for the same machine, in the same Python."""
    given = functions(stack)
    for what in ("Runtime", "Architectures"):
        kinds = {json.dumps(each.get(what)) for each in given.values()}
        if len(kinds) != 1:
            yield f"{what}: {kinds}"
    architectures = next(iter(given.values()))["Architectures"]
    for name, layer in of_type(stack, "AWS::Lambda::LayerVersion").items():
        said = layer["Properties"].get("CompatibleArchitectures")
        if said is not None and said != architectures:
            yield f"{name} is for {said}"


def names_of_aws_are_real(stack: Stack) -> Problems:
    """What no linter looks at: engines, runtimes, schedules."""
    for name, each in functions(stack).items():
        if each["Runtime"] != "python3.13":
            yield f"{name}: the layers are not for {each['Runtime']}"
    for cache in of_type(stack, "AWS::ElastiCache::ServerlessCache").values():
        if cache["Properties"]["Engine"] != "valkey":
            yield f"there is no engine {cache['Properties']['Engine']}"
        limit = int(cache["Properties"]["CacheUsageLimits"]["ECPUPerSecond"]["Maximum"])
        if limit < COMMANDS_A_REQUEST * REQUESTS_BY_DEFAULT:
            yield "the defaults do not carry what docs/operating.md says of them"
    for name, rule in of_type(stack, "AWS::Events::Rule").items():
        expression = rule["Properties"]["ScheduleExpression"]
        if not re.fullmatch(
            r"rate\((1 (minute|hour|day)|([2-9]|\d{2,}) (minutes|hours|days))\)", expression
        ):
            yield f"{name}: {expression} is no schedule"


def what_is_replaced_gets_another_name(stack: Stack) -> Problems:
    """CloudFormation makes the new one before the old one goes, and a name is taken: in the region, or in all."""
    for name, cache in of_type(stack, "AWS::ElastiCache::ServerlessCache").items():
        given = cache["Properties"]
        subnet = given["SubnetIds"][0]
        if json.dumps(subnet) not in json.dumps(given["ServerlessCacheName"]):
            yield f"{name} has the same name in other subnets"
    for name, dashboard in of_type(stack, "AWS::CloudWatch::Dashboard").items():
        if "eu-central-1" not in json.dumps(dashboard["Properties"]["DashboardName"]):
            yield f"{name} is the same stack's of another region"


def queues_are_wired(stack: Stack) -> Problems:
    """Encrypted, two weeks long, redriven late, read by ingest with what it could not do named. What is to be pushed is
    read by push, and forgotten before it could come again.
    """
    resources = stack["Resources"]
    for name in ("EventsQueue", "EventsDeadLetterQueue"):
        queue = resources[name]["Properties"]
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"
        if queue["MessageRetentionPeriod"] != 14 * 86_400:
            yield f"{name} forgets before two weeks are over"
    queue = resources["EventsQueue"]["Properties"]
    redrive = queue["RedrivePolicy"]
    if referenced(redrive["deadLetterTargetArn"]) != {"EventsDeadLetterQueue"}:
        yield "messages are redriven elsewhere"
    if not redrive["maxReceiveCount"] * queue["VisibilityTimeout"] >= 4 * 86_400:
        yield "a store that is down over a long weekend fills the dead-letter queue"
    if redrive["maxReceiveCount"] > 1_000:
        yield "SQS counts to 1,000"
    live = resources["LiveQueue"]["Properties"]
    if live.get("SqsManagedSseEnabled") is not True:
        yield "LiveQueue is not encrypted"
    if live["MessageRetentionPeriod"] > live["VisibilityTimeout"] or "RedrivePolicy" in live:
        yield "what was to be pushed is tried again"
    sources = {
        (next(iter(referenced(given["EventSourceArn"]))), next(iter(referenced(given["FunctionName"])))): given
        for each in of_type(stack, "AWS::Lambda::EventSourceMapping").values()
        for given in [each["Properties"]]
    }  # fmt: skip
    if sources.keys() != {("EventsQueue", "IngestFunction"), ("LiveQueue", "PushFunction")}:
        yield f"queues are read by {sorted(sources)}"
        return
    if sources["LiveQueue", "PushFunction"].get("MaximumBatchingWindowInSeconds"):
        yield "who watches waits for a batch"
    source = sources["EventsQueue", "IngestFunction"]
    if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield "one message that cannot be stored brings its whole batch again"
    if int(source["ScalingConfig"]["MaximumConcurrency"]) < 2:
        yield "SQS takes no limit below two"
    if not (source["BatchSize"] <= 10_000 and source["MaximumBatchingWindowInSeconds"] >= 1):
        yield "batches of more than ten need a window"


def alarms_watch_what_is_there(stack: Stack) -> Problems:
    """Their dimensions are of our queues and functions, their metrics are told, and all ring at the topic."""
    words = {name.removesuffix("Function").lower() for name in functions(stack)}
    for name, each in of_type(stack, "AWS::CloudWatch::Alarm").items():
        given = each["Properties"]
        if [referenced(action) for action in given["AlarmActions"]] != [{"AlarmTopic"}]:
            yield f"{name} rings nowhere"
        watched = [given] if "MetricName" in given else [
            metric["MetricStat"]["Metric"] for metric in given["Metrics"] if "MetricStat" in metric
        ]  # fmt: skip
        for metric in watched:
            values = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            match metric["Namespace"]:
                case "Footfall":
                    if metric["MetricName"] not in METRICS or values.keys() != {"function"}:
                        yield f"{name}: nothing tells {metric['MetricName']}"
                    elif values["function"] not in words:
                        yield f"{name}: there is no function {values['function']}"
                case "AWS/SQS" | "AWS/Lambda":
                    (value,) = values.values()
                    if not referenced(value) & stack["Resources"].keys():
                        yield f"{name} watches {value}"
                case other:
                    yield f"{name} watches {other}"
        is_of_collect = given.get("MetricName") == "EngineFailures"
        if is_of_collect and (given["Threshold"], given["TreatMissingData"]) != (0, "notBreaching"):
            yield f"{name} is silent where few visitors are refused"
        # `a+b` tells nothing while one of them has no data.
        sums = [each["Expression"] for each in given.get("Metrics", ()) if "Expression" in each]
        if sums not in ([], ["SUM(METRICS())"]):
            yield f"{name} is silent while one of its functions is idle"


def every_function_that_can_fail_is_watched(stack: Stack) -> Problems:
    """Errors and throttles of all functions are in an alarm, which sums up ten metrics at most."""
    for metric in ("Errors", "Throttles"):
        watched = {
            name
            for alarm in of_type(stack, "AWS::CloudWatch::Alarm").values()
            for each in alarm["Properties"].get("Metrics", [])
            if each.get("MetricStat", {}).get("Metric", {}).get("MetricName") == metric
            for name in referenced(each)
        }
        # Setup's failures are the deployment's.
        for name in functions(stack).keys() - watched - {"SetupFunction"}:
            yield f"{metric} of {name} ring nowhere"
    for name, alarm in of_type(stack, "AWS::CloudWatch::Alarm").items():
        if sum("MetricStat" in each for each in alarm["Properties"].get("Metrics", [])) > 10:
            yield f"{name} has more metrics than CloudWatch takes"


def files_and_routes_are_told_apart(stack: Stack) -> Problems:
    """CloudFront takes from the bucket what ends like a file and asks the API for all routes; a policy has ten headers,
    and Host is in none.
    """
    for cdn in of_type(stack, "AWS::CloudFront::Distribution").values():
        config = cdn["Properties"]["DistributionConfig"]
        patterns = [
            re.compile(re.escape(behavior["PathPattern"]).replace(r"\*", ".*"))
            for behavior in config["CacheBehaviors"]
        ]
        for path in ROUTES:
            if any(pattern.fullmatch(path) for pattern in patterns):
                yield f"{path} is looked for in the bucket"
        if config["DefaultCacheBehavior"]["TargetOriginId"] != "api":
            yield "routes are not the API's"
        secret = json.dumps(config["Origins"])
        if "X-Footfall-Origin" not in secret or "{{resolve:secretsmanager:" not in secret:
            yield "the API is not shown the secret of CloudFront"
    for kind in ("CachePolicy", "OriginRequestPolicy"):
        for name, policy in of_type(stack, f"AWS::CloudFront::{kind}").items():
            config = policy["Properties"][f"{kind}Config"]
            headers = config.get("ParametersInCacheKeyAndForwardedToOrigin", config)[
                "HeadersConfig"
            ]
            if headers["HeaderBehavior"] != "whitelist" or len(headers["Headers"]) > 10:
                yield f"{name}: ten named headers are what CloudFront takes"
            if "Host" in headers["Headers"]:
                yield f"{name}: the API answers 403 to another's Host"


def cloudfront_shows_the_key_and_keeps_no_error(stack: Stack) -> Problems:
    """What it is told changes with the key of the origin, or it would show the old one; errors are not cached."""
    for name, cdn in of_type(stack, "AWS::CloudFront::Distribution").items():
        config = cdn["Properties"]["DistributionConfig"]
        if "${Setup.OriginKeyMark}" not in json.dumps(config):
            yield f"{name} shows the old key when there is another"
        given = config.get("CustomErrorResponses", [])
        forgotten = {e["ErrorCode"] for e in given if e["ErrorCachingMinTTL"] == 0}
        for code in ERRORS_CLOUDFRONT_KEEPS - forgotten:
            yield f"{name} answers {code} for 10 s to everybody"


def no_address_is_logged(stack: Stack) -> Problems:
    """The gateway's own log names no address, no agent and no path."""
    for stage in of_type(stack, "AWS::ApiGatewayV2::Stage").values():
        text = stage["Properties"].get("AccessLogSettings", {}).get("Format", "")
        for word in ("sourceIp", "userAgent", "context.path", "identity"):
            if word in text:
                yield f"the access log has {word}"
    for name, each in functions(stack).items():
        if referenced(each["LoggingConfig"]["LogGroup"]) != {"LogGroup"}:
            yield f"the logs of {name} are kept for ever"


RULES = (
    every_reference_is_to_something_made,
    every_route_has_its_function,
    a_socket_is_opened_answered_and_closed_by_live,
    the_gateway_may_invoke_what_it_maps,
    each_function_may_do_what_it_does_and_no_more,
    no_policy_names_everything,
    who_speaks_to_valkey_is_where_it_is,
    everything_reads_what_it_is_told,
    timeouts_fit,
    new_code_serves_after_setup,
    setup_waits_for_the_ways_it_takes,
    data_outlives_the_stack,
    everything_is_one_architecture,
    names_of_aws_are_real,
    what_is_replaced_gets_another_name,
    queues_are_wired,
    alarms_watch_what_is_there,
    every_function_that_can_fail_is_watched,
    files_and_routes_are_told_apart,
    cloudfront_shows_the_key_and_keeps_no_error,
    no_address_is_logged,
)
