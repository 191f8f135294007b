"""The code of the functions as modules and files: what runs is what stands in the template, at its lines."""

import ast
import json
import traceback
from pathlib import Path

import pytest
from runtime import stacks

from stackproof.cli.main import main
from stackproof.code import modules
from stackproof.code.inline import Inline, inline_functions
from stackproof.evaluation import scenario
from stackproof.evaluation.stack import resolve
from stackproof.foundation.finding import CannotTell
from stackproof.template import loader

FUNCTIONS = {function.logical: function for function in inline_functions(stacks.source())}
LINES = (stacks.ROOT / stacks.TEMPLATE).read_text(encoding="utf-8").split("\n")


def made(code: object, **properties: object) -> Inline:
    """Return the function of a template with a code."""
    body = {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": code}, **properties,
    }}  # fmt: skip
    document = loader.parse(json.dumps({"Resources": {"F": body}}, indent=1), "t.json")
    return next(inline_functions(resolve(document, scenario.command_line("eu-west-1", "1" * 12, "s", {}))))


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_a_function_is_at_most_120_lines(logical: str) -> None:
    assert len(FUNCTIONS[logical].text.split("\n")) <= 120


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_every_line_of_the_file_is_that_line_of_the_template(logical: str) -> None:
    source = modules.source(FUNCTIONS[logical])
    assert source.aligned
    for number, line in enumerate(source.text.split("\n")):
        assert not line or json.dumps(line, ensure_ascii=False) == LINES[number].strip().rstrip(",")


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_every_statement_is_compiled_at_its_line_of_the_template(logical: str) -> None:
    function = FUNCTIONS[logical]
    wanted = {node.lineno for node in ast.walk(function.tree()) if isinstance(node, ast.stmt | ast.expr)}
    first = function.place(1).line
    code = modules.compiled(function)
    assert {line - first + 1 for _, _, line in code.co_lines() if line} <= wanted
    assert code.co_filename.endswith(stacks.TEMPLATE)


def test_a_traceback_shows_the_line_of_the_template() -> None:
    function = made({"Fn::Join": ["\n", ["def handler(event, context):", "    return event['x']"]]})
    module = modules.load(function)
    with pytest.raises(KeyError) as raised:
        module.handler({}, None)
    place = function.place(2)
    last = traceback.extract_tb(raised.tb)[-1]
    assert (last.filename, last.lineno) == ("t.json", place.line)
    assert last.colno == place.column + len("    return ")


@pytest.mark.parametrize(
    "code", ["a = 1\nb = [\n  a,\n]", {"Fn::Join": ["\n", ["a = 1\nb = [a,", "  a]"]]}], ids=["one text", "uneven"]
)
def test_lines_that_share_a_place_keep_their_own_numbers_in_the_file(code: object) -> None:
    source = modules.source(made(code))
    assert (source.aligned, source.text.split("\n")[0]) == (False, "a = 1")
    assert modules.load(made(code)).b[0] == 1


def test_two_loads_are_two_modules() -> None:
    function = made("seen = []")
    assert modules.load(function).seen is not modules.load(function).seen


def test_code_that_does_not_compile_is_said_with_its_place() -> None:
    with pytest.raises(CannotTell, match=r"t\.json:\d+:\d+: the code of F does not compile"):
        modules.compiled(made({"Fn::Join": ["\n", ["a = 1", "b ="]]}))


def test_the_environment_is_what_the_stack_sets_and_lambda_adds() -> None:
    assert modules.environment(FUNCTIONS["AnalyticsFunction"]) == {
        "CONFIG_PARAMETER": "/trading-platform/prod-2024/config",
        "_HANDLER": "index.handler",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "analytics-processor-prod-2024-us-east-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/analytics-processor-prod-2024-us-east-1",
    }


def test_values_of_the_environment_are_text() -> None:
    function = made("", Environment={"Variables": {"A": 5, "B": True}})
    assert {name: modules.environment(function)[name] for name in "AB"} == {"A": "5", "B": "true"}


def test_the_command_writes_a_file_a_function(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["handlers", str(tmp_path / "new"), str(stacks.ROOT / stacks.TEMPLATE)]
    assert main([*arguments, "--scenarios", str(stacks.ROOT / "rules/scenarios.yaml")]) == 0
    assert sorted(path.stem for path in (tmp_path / "new").iterdir()) == sorted(FUNCTIONS)
    output = [line.split(": ")[1].split(" ")[1] for line in capsys.readouterr().out.splitlines()]
    assert output == ["lines,"] * len(FUNCTIONS)


def test_a_template_without_code_is_said(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["handlers", str(small / "out"), "template.json", "--scenarios", "scenarios.yaml"]) == 2
    assert "no function with inline code" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    arguments = ["handlers", str(tmp_path / "file/out"), str(stacks.ROOT / stacks.TEMPLATE)]
    assert main([*arguments, "--scenarios", str(stacks.ROOT / "rules/scenarios.yaml")]) == 2
    assert "cannot make" in capsys.readouterr().err
