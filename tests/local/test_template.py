"""template.yaml as the local stack reads it."""

from pathlib import Path

import pytest

from local.template import QueueSource, Route, SocketRoute, Template, TemplateError, load, parse

ROOT = Path(__file__).parents[2]
SMALL = """
Globals: {Function: {Timeout: 7, Handler: app.lambda_handler, Runtime: !Ref Runtime}}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 42
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead: {Type: AWS::SQS::Queue}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/worker
      Environment: {Variables: {URL: !Sub "https://${Jobs}", N: !If [Big, 1, 2]}}
      Events:
        Any: {Type: HttpApi}
        Get: {Type: HttpApi, Properties: {Method: get, Path: /a}}
        All: {Type: HttpApi, Properties: {Method: ANY, Path: /b}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 5}}
        Often: {Type: Schedule, Properties: {Schedule: rate(2 minutes), Input: '{"a": 1}'}}
"""


SOCKETS = """
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: now
      Routes:
        $connect: {FunctionArn: !GetAtt Worker.Arn}
        $default: {FunctionArn: !GetAtt Worker.Arn, RouteResponseSelectionExpression: $default}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Api, RouteId: !Ref ApiDefaultRoute, RouteResponseKey: $default}
"""


@pytest.fixture(scope="module")
def small() -> Template:
    return parse(SMALL, Path("somewhere"))


def test_a_function_takes_what_globals_say_unless_it_says_otherwise(small: Template):
    worker = small.functions["Worker"]

    assert (worker.timeout_seconds, worker.handler) == (7, "app.lambda_handler")
    assert worker.folder == Path("somewhere/functions/worker")


def test_queues_carry_their_visibility_and_redrive(small: Template):
    jobs, dead = small.queues["Jobs"], small.queues["Dead"]

    assert (jobs.visibility_seconds, jobs.dead_letter_queue, jobs.max_receive_count) == (
        42,
        "Dead",
        3,
    )
    assert (dead.visibility_seconds, dead.dead_letter_queue) == (30, None)


def test_a_trigger_names_its_queue_and_defaults_as_lambda_does(small: Template):
    assert small.sources == (QueueSource("Jobs", "Worker", 5, 0, reports_failures=False),)


def test_a_schedule_keeps_its_expression_and_input(small: Template):
    (schedule,) = small.schedules

    assert (schedule.function, schedule.expression, schedule.input) == (
        "Worker",
        "rate(2 minutes)",
        '{"a": 1}',
    )


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/a", "GET /a"),
        ("POST", "/a", "$default"),
        ("PATCH", "/b", "ANY /b"),
        ("GET", "/a/", "$default"),
        ("OPTIONS", "/a", "$default"),
    ],
)
def test_a_request_finds_its_route_exactly_then_by_any_then_by_default(
    small: Template, method: str, path: str, key: str
):
    route = small.route(method, path)

    assert route is not None
    assert route.key == key


@pytest.mark.parametrize(
    ("path", "key", "parameters"),
    [
        ("/a/1", "GET /a/{id}", {"id": "1"}),
        ("/a/x%2Fy%3F%2525", "GET /a/{id}", {"id": "x/y?%25"}),
        ("/a/1/b", "GET /a/{id}/b", {"id": "1"}),
        ("/a/b", "GET /a/b", {}),
        ("/a/", "$default", None),
        ("/a/1/2", "$default", None),
        ("/a/1/b/c", "$default", None),
    ],
)
def test_a_path_with_parameters_is_matched_as_it_was_sent(
    path: str, key: str, parameters: dict[str, str] | None
):
    routes = "\n".join(
        f"        R{n}: {{Type: HttpApi, Properties: {{Method: GET, Path: '{route}'}}}}"
        for n, route in enumerate(("/a/{id}", "/a/{id}/b", "/a/b"))
    )
    template = parse(
        SMALL.replace("        Any: {Type: HttpApi}", f"        Any: {{Type: HttpApi}}\n{routes}"),
        Path(),
    )

    route = template.route("GET", path)

    assert route is not None
    assert (route.key, route.parameters(path)) == (key, parameters)


def test_there_is_no_route_without_a_default():
    template = parse(SMALL.replace("        Any: {Type: HttpApi}\n", ""), Path())

    assert template.route("GET", "/elsewhere") is None


def test_a_web_socket_api_has_a_stage_and_routes_that_are_answered_or_not():
    api = parse(SMALL + SOCKETS, Path()).sockets

    assert api is not None
    assert (api.stage, api.path) == ("now", "/now")
    assert api.routes == {
        "$connect": SocketRoute("Worker", is_answered=False),
        "$default": SocketRoute("Worker", is_answered=True),
    }


@pytest.mark.parametrize(
    "without", ["RouteId: !Ref ApiDefaultRoute", ", RouteResponseSelectionExpression: $default"]
)
def test_an_answer_takes_a_response_and_a_choice_of_it(without: str):
    other = "RouteId: !Ref ApiConnectRoute" if without.startswith("RouteId") else ""

    api = parse(SMALL + SOCKETS.replace(without, other), Path()).sockets

    assert api is not None
    assert not api.routes["$default"].is_answered


@pytest.mark.parametrize(
    "sockets",
    [
        SOCKETS.replace("$connect:", "$disconnect:"),
        SOCKETS.replace("$connect:", "hello: {FunctionArn: !GetAtt Worker.Arn}\n        $connect:"),
        SOCKETS + SOCKETS.replace("Api:", "Other:").replace("Answer:", "Another:"),
    ],
)
def test_sockets_that_cannot_be_run_here_are_refused(sockets: str):
    with pytest.raises(TemplateError):
        parse(SMALL + sockets, Path())


def test_a_template_without_a_web_socket_api_has_no_sockets(small: Template):
    assert small.sockets is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Path: /a", "Path: '/a/{id+}'"),
        ("Type: Schedule", "Type: S3"),
        ("Queue: !GetAtt Jobs.Arn", "Queue: arn:aws:sqs:eu-central-1:123456789012:other"),
        ("Resources:", "Resources: ["),
    ],
)
def test_what_cannot_be_run_here_is_refused(old: str, new: str):
    with pytest.raises(TemplateError):
        parse(SMALL.replace(old, new), Path())


def test_the_real_template_gives_the_local_stack_all_it_needs():
    template = load(ROOT / "template.yaml")

    assert Route("POST", "/pageview", "CollectFunction") in template.routes
    assert Route("ANY", "$default", "CollectFunction") in template.routes
    assert [source.queue for source in template.sources] == ["EventsQueue", "LiveQueue"]
    assert template.sockets is not None
    assert template.sockets.path == "/live"
    assert template.sockets.routes["$default"] == SocketRoute("LiveFunction", is_answered=True)
    assert {schedule.function for schedule in template.schedules} == {
        "RollupFunction",
        "AdminFunction",
        "PrivacyFunction",
        "SaltsFunction",
    }
    assert all((function.folder / "app.py").is_file() for function in template.functions.values())
