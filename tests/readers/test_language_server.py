"""The language server as a client of others speaks to it: findings while typing, values, counterparts, fixes."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

WAIT = 60
"""Seconds to wait for what the server sends of itself."""
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"}},
    "Resources": {
        "Orders": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": {"Fn::Sub": "orders-${Stage}-${AWS::Region}"},
                "VersioningConfiguration": {"Status": "Enabled"},
            },
        },
        "Copy": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Fn::Sub": "arn:aws:s3:::orders-${Stage}-eu-west-1"}},
        },
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "EnableKeyRotation": True,
                "KeyPolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                            "Action": "kms:*",
                            "Resource": "*",
                        }
                    ],
                },
            },
        },
    },
}
SCENARIOS = """deployments:
  - {name: first, source: {region: us-east-1}, target: {region: eu-west-1}}
  - {name: prod, parameters: {Stage: prod}, source: {region: us-east-1}, target: {region: eu-west-1}}
"""
RIGHT = json.dumps(TEMPLATE, indent=2)
NO_ROTATION = RIGHT.replace('"EnableKeyRotation": true', '"EnableKeyRotation": false')
NO_REGION = RIGHT.replace("${Stage}-${AWS::Region}", "${Stage}")


class Editor:
    """A client with the template open."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.uri = (folder / "my.json").as_uri()
        self.version = 1
        self.text = RIGHT

    def open(self) -> None:
        document = types.TextDocumentItem(self.uri, "json", self.version, self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def write(self, text: str) -> None:
        """Replace the text, without saving it."""
        self.version += 1
        self.text = text
        identifier = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [whole]))

    def codes(self) -> set[Any]:
        return {diagnostic.code for diagnostic in self.client.diagnostics.get(self.uri, ())}

    async def until(self, is_so: Callable[[], bool]) -> None:
        began = perf_counter()
        while not is_so():
            assert perf_counter() - began < WAIT, (self.codes(), self.client.log_messages)
            await asyncio.sleep(0.02)

    async def checked(self) -> None:
        """Wait until the text as it is now has been checked in all scenarios."""
        wanted = f"edit {self.version}: all scenarios checked"
        await self.until(lambda: any(wanted in message.message for message in self.client.log_messages))

    def position(self, word: str) -> types.Position:
        before = self.text[: self.text.index(word) + 1].split("\n")
        return types.Position(len(before) - 1, len(before[-1]))


Edited = Callable[[Callable[[Editor], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("project")
    (made / "my.json").write_text(RIGHT, encoding="utf-8")
    (made / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    (made / "stackproof.toml").write_text('template = "my.json"\nscenarios = "scenarios.yaml"\n', encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def edited(folder: Path) -> Iterator[Edited]:
    """Let an editor that has the right template open do its work; all tests share one server, which is shut down."""
    loop = asyncio.new_event_loop()
    client = make_test_lsp_client()
    editor = Editor(client, folder)

    async def start() -> None:
        await client.start_io(sys.executable, "-m", "stackproof", "lsp", cwd=folder)
        capabilities = client_capabilities("visual_studio_code")
        await client.initialize_session(types.InitializeParams(capabilities, root_uri=folder.as_uri()))
        editor.open()
        await editor.checked()

    async def stop() -> None:
        await client.shutdown_session()
        await client.stop()

    async def right_again(work: Callable[[Editor], Awaitable[None]]) -> None:
        try:
            await work(editor)
        finally:
            editor.write(RIGHT)
            await editor.checked()

    loop.run_until_complete(start())
    try:
        yield lambda work: loop.run_until_complete(right_again(work))
    finally:
        loop.run_until_complete(stop())
        loop.close()


def test_a_finding_comes_while_typing_and_goes_when_it_is_undone(edited: Edited, folder: Path) -> None:
    async def work(editor: Editor) -> None:
        assert "keys_rotate" not in editor.codes()
        editor.write(NO_ROTATION)
        await editor.until(lambda: "keys_rotate" in editor.codes())
        editor.write(RIGHT)
        await editor.until(lambda: "keys_rotate" not in editor.codes())

    edited(work)
    assert (folder / "my.json").read_text() == RIGHT


def test_a_finding_of_both_regions_stands_at_its_value_with_its_fix(edited: Edited) -> None:
    async def work(editor: Editor) -> None:
        editor.write(NO_REGION)
        await editor.checked()
        (found,) = [each for each in editor.client.diagnostics[editor.uri] if each.code == "names_apart"]
        assert found.range.start == types.Position(
            editor.position('{\n          "Fn::Sub": "orders-${Stage}"').line, found.range.start.character
        )
        assert "fix: put the region into the name" in found.message
        assert "first" in found.message

    edited(work)


def test_hover_says_what_a_value_becomes_in_each_region(edited: Edited) -> None:
    async def work(editor: Editor) -> None:
        params = types.HoverParams(types.TextDocumentIdentifier(editor.uri), editor.position('"BucketName"'))
        hover = await editor.client.text_document_hover_async(params)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert '"orders-dev-us-east-1"' in hover.contents.value
        assert '"orders-dev-eu-west-1"' in hover.contents.value

    edited(work)


def test_a_name_leads_to_the_resource_of_the_other_region(edited: Edited) -> None:
    async def work(editor: Editor) -> None:
        params = types.DefinitionParams(types.TextDocumentIdentifier(editor.uri), editor.position('"Value"'))
        found = await editor.client.text_document_definition_async(params)
        assert isinstance(found, list)
        assert [location.range.start.line for location in found] == [editor.position('"Orders"').line]

    edited(work)


def test_a_fix_with_one_right_value_is_a_code_action(edited: Edited) -> None:
    async def work(editor: Editor) -> None:
        editor.write(NO_ROTATION)
        await editor.until(lambda: "keys_rotate" in editor.codes())
        found = [each for each in editor.client.diagnostics[editor.uri] if each.code == "keys_rotate"]
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(editor.uri), found[0].range, types.CodeActionContext(found)
        )
        actions = await editor.client.text_document_code_action_async(params)
        assert actions is not None
        assert [type(action) for action in actions] == [types.CodeAction]
        action = actions[0]
        assert isinstance(action, types.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        (edit,) = action.edit.changes[editor.uri]
        line = NO_ROTATION.split("\n")[edit.range.start.line]
        assert line[edit.range.start.character : edit.range.end.character] == "false"
        assert edit.new_text == "true"

    edited(work)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "not JSON"), ('{"Resources": {"A": {}}}', "has no Type"), ("[]", "mapping of sections")]
)
def test_a_text_that_is_no_template_yet_is_said_on_its_line(edited: Edited, text: str, message: str) -> None:
    async def work(editor: Editor) -> None:
        editor.write(text)
        await editor.until(lambda: editor.codes() == {"cannot-tell"})
        assert message in editor.client.diagnostics[editor.uri][0].message
        editor.write(RIGHT)
        await editor.until(lambda: "cannot-tell" not in editor.codes())

    edited(work)
