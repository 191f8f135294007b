"""What an edit costs in a process that stays: seconds until `check --watch` has checked again, until the editor knows.

    python benchmarks/warm.py [--runs N] [TEMPLATE]

A word of the template's description is changed: for `check --watch` in a copy, for the language server in the editor's
text. Its answer is that of the first scenario, both regions of it, with which it begins; it needs
`pip install -e .[lsp]`, and speaks of the project's own templates alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from compiled import keep_compiled_modules

WATCH, SERVER = "check --watch, after one edit", "language server, after one edit"
VERDICT = " scenarios, "


def edits(text: str) -> Iterator[str]:
    """Give the text with another description each time."""
    for number in count():
        value = json.loads(text)
        value["Description"] = f"{value.get('Description', '')} {number}"
        yield json.dumps(value, indent=2)


def of_watch(template: Path, runs: int) -> list[float]:
    """Return the seconds from each write of a file to the verdict on it, cfn-lint's part included."""
    changes = edits(template.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, template.name)
        copy.write_text(next(changes), encoding="utf-8")
        command = [sys.executable, "-u", "-m", "stackproof", "check", "--watch", str(copy)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watching:
            try:
                _verdict(watching.stdout)
                times = []
                for change in [next(changes) for _ in range(runs)]:
                    start = perf_counter()
                    copy.write_text(change, encoding="utf-8")
                    _verdict(watching.stdout)
                    times.append(perf_counter() - start)
                return times
            finally:
                watching.kill()


def _verdict(lines: Any) -> None:
    read = []
    for line in lines:
        read.append(line)
        if VERDICT in line:
            return
    sys.exit(f"it ended: {''.join(read).strip()[-2000:]}")


def of_server(template: Path, runs: int) -> list[float]:
    """Return the seconds from each change in an editor to the first findings for it; none without the server."""
    if find_spec("pygls") is None:
        return []
    command = [sys.executable, "-m", "stackproof", "lsp"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            return _edited(server, template, runs)
        finally:
            server.kill()


def _edited(server: Any, template: Path, runs: int) -> list[float]:
    uri, text = template.resolve().as_uri(), template.read_text(encoding="utf-8")
    folder = Path.cwd().as_uri()
    _send(server, "initialize", {"processId": None, "rootUri": folder, "capabilities": {}}, number=1)
    while _receive(server).get("id") != 1:
        pass
    _send(server, "initialized", {})
    document = {"uri": uri, "languageId": "json", "version": 0, "text": text}
    _send(server, "textDocument/didOpen", {"textDocument": document})
    _findings(server, uri)
    times = []
    for version, change in zip(range(1, runs + 1), edits(text), strict=False):
        start = perf_counter()
        changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": change}]}
        _send(server, "textDocument/didChange", changed)
        _findings(server, uri)
        times.append(perf_counter() - start)
    return times


def _send(server: Any, method: str, params: Any, number: int | None = None) -> None:
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
    body = json.dumps(message).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()


def _receive(server: Any) -> Any:
    length = 0
    while line := server.stdout.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return json.loads(server.stdout.read(length)) if length else sys.exit("the language server ended")


def _findings(server: Any, uri: str) -> None:
    while True:
        message = _receive(server)
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("template", nargs="?", default="lib/TapStack.json", metavar="TEMPLATE")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="edits of each; default: 5")
    options = parser.parse_args()
    keep_compiled_modules()
    for name, measure in ((WATCH, of_watch), (SERVER, of_server)):
        times = measure(Path(options.template), options.runs)
        print(f"{name:36}{median(times):7.2f}s{min(times):7.2f}s{max(times):7.2f}s" if times else f"{name}: absent")


if __name__ == "__main__":
    main()
