"""The Language Server Protocol, by pygls: what an editor sends becomes checks, what they find becomes diagnostics.

Source: https://pygls.readthedocs.io (release 2), https://microsoft.github.io/language-server-protocol (3.17).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path as FilePath
from time import perf_counter

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from stackproof.foundation.finding import Place
from stackproof.foundation.version import release
from stackproof.gate.gate import Inputs
from stackproof.lsp.diagnostics import Diagnostic
from stackproof.lsp.positions import Position, position
from stackproof.lsp.session import Found, Session

DELAY = 0.1
"""Seconds without an edit before a check begins."""
SOURCE = "stackproof"


class Server(LanguageServer):
    """One project's server: `inputs` says what is checked, from the folder that the editor has open."""

    def __init__(self, inputs: Callable[[], Inputs]) -> None:
        super().__init__(SOURCE, release(), text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.session = Session(inputs)
        self.waiting: asyncio.TimerHandle | None = None
        self.receiving: Connection | None = None
        self.shown: dict[str, tuple[Diagnostic, ...]] = {}
        self.edits = 0
        """What was opened, edited or saved so far; the log names by it which text a check was of."""

    def schedule(self, *, lint: bool, delay: float = DELAY) -> None:
        """Check soon, unless there is another edit before."""
        if self.waiting:
            self.waiting.cancel()
        self.waiting = asyncio.get_running_loop().call_later(delay, lambda: self.check(lint=lint))

    def check(self, *, lint: bool) -> None:
        """Check the first scenario at once, and begin the whole check."""
        self.waiting = None
        self.stop()
        began = perf_counter()
        try:
            self.publish(self.session.quick(), whole=False)
        except Exception as error:
            self.log(f"internal error: {type(error).__name__}: {error}; fix: report it")
            return
        self.log(f"edit {self.edits}: first scenario checked in {perf_counter() - began:.2f} s")
        self.start([False, True] if lint else [False])

    def start(self, stages: list[bool]) -> None:
        """Begin the whole check, without and then with cfn-lint as the stages say, each in a process of its own."""
        began = perf_counter()
        receiving = self.session.start_whole(lint=stages[0])
        if receiving is None:
            for stage in stages:
                self.publish(self.session.whole(lint=stage), whole=True)
            return
        self.receiving = receiving
        asyncio.get_running_loop().add_reader(receiving.fileno(), self.receive, stages, began)

    def receive(self, stages: list[bool], began: float) -> None:
        """Show what the whole check sent; of a process that broke down, that it did."""
        receiving = self.receiving
        if receiving is None:
            return
        try:
            found: Found | None = receiving.recv()
        except (EOFError, OSError):
            found = None
        self.stop()
        if found is None:
            self.log("the check of all scenarios broke down; fix: run stackproof check")
            return
        self.publish(found, whole=True)
        what = "all scenarios and cfn-lint" if stages[0] else "all scenarios"
        self.log(f"edit {self.edits}: {what} checked in {perf_counter() - began:.2f} s")
        if stages[1:]:
            self.start(stages[1:])

    def stop(self) -> None:
        """End the whole check that is under way."""
        if self.receiving is not None:
            asyncio.get_running_loop().remove_reader(self.receiving.fileno())
            self.receiving.close()
            self.receiving = None
        self.session.stop()

    def publish(self, found: Found, *, whole: bool) -> None:
        """Show what was found; a file of which the whole check says nothing more has nothing.

        Of files that have nothing and had nothing, such as most rules, only those that are open are published.
        """
        gone = {} if not whole else dict.fromkeys(self.shown.keys() - found.keys(), ())
        for path, held in {**gone, **found}.items():
            uri = uris.from_fs_path(str(FilePath(path).resolve()))
            if uri and (held or path in self.shown or uri in self.workspace.text_documents):
                self.shown[path] = held
                listed = [_diagnostic(each) for each in held]
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, listed))

    def log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Log, message))


def _range(start: Position, end: Position) -> types.Range:
    return types.Range(types.Position(*start), types.Position(*end))


def _diagnostic(found: Diagnostic) -> types.Diagnostic:
    fix = f"\nfix: {found.fix}" if found.fix else ""
    data = {"replacement": found.replacement, "fix": found.fix}
    severity = types.DiagnosticSeverity(found.severity)
    return types.Diagnostic(
        _range(found.start, found.end), f"{found.message}{fix}", severity, found.code, source=SOURCE, data=data
    )


def _path(uri: str) -> str:
    return uris.to_fs_path(uri) or uri


def server(inputs: Callable[[], Inputs]) -> Server:
    """Return a server that checks what `inputs` says, each time anew."""
    running = Server(inputs)
    _take_texts(running)
    _answer(running)

    @running.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        folder = _path(params.root_uri) if params.root_uri else params.root_path
        if folder and FilePath(folder).is_dir():
            os.chdir(folder)

    @running.feature(types.SHUTDOWN)
    async def shutdown(_params: None) -> None:
        running.stop()

    return running


def _take_texts(running: Server) -> None:
    """Let what is opened, edited, saved and closed be checked."""

    @running.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: types.DidOpenTextDocumentParams) -> None:
        update(params.text_document.uri, lint=True, delay=0)

    @running.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: types.DidChangeTextDocumentParams) -> None:
        update(params.text_document.uri, lint=False)

    @running.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(params: types.DidSaveTextDocumentParams) -> None:
        update(params.text_document.uri, lint=True)

    @running.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(params: types.DidCloseTextDocumentParams) -> None:
        running.session.closed(_path(params.text_document.uri))

    def update(uri: str, *, lint: bool, delay: float = DELAY) -> None:
        path = _path(uri)
        running.edits += 1
        running.stop()  # whatever is under way is of an older text
        running.session.opened(path, running.workspace.get_text_document(uri).source)
        if running.session.concerns(path):
            running.schedule(lint=lint, delay=delay)


def _answer(running: Server) -> None:
    """Let hover, definition and code actions be answered."""

    @running.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        at = Position(params.position.line, params.position.character)
        text = running.session.hover(_path(params.text_document.uri), at)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    @running.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        at = Position(params.position.line, params.position.character)
        path = _path(params.text_document.uri)
        return [_location(running, place) for place in running.session.definitions(path, at)]

    @running.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return [
            _action(params.text_document.uri, diagnostic)
            for diagnostic in params.context.diagnostics
            if diagnostic.source == SOURCE and _replacement(diagnostic) is not None
        ]


def _location(running: Server, place: Place) -> types.Location:
    uri = uris.from_fs_path(str(FilePath(place.path).resolve())) or place.path
    start = position(running.workspace.get_text_document(uri).source, place)
    return types.Location(uri, _range(start, start))


def _replacement(diagnostic: types.Diagnostic) -> object:
    """Return what is right, where the diagnostic knows it; None otherwise."""
    return (diagnostic.data or {}).get("replacement")


def _action(uri: str, diagnostic: types.Diagnostic) -> types.CodeAction:
    replacement = str(_replacement(diagnostic))
    edit = types.WorkspaceEdit({uri: [types.TextEdit(diagnostic.range, replacement)]})
    title = f"write {replacement} ({diagnostic.code})"
    return types.CodeAction(
        title, types.CodeActionKind.QuickFix, diagnostics=[diagnostic], edit=edit, is_preferred=True
    )
