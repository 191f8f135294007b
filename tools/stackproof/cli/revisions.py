"""What files were at a revision of git: the one module that calls git."""

from __future__ import annotations

import atexit
import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import mkdtemp

from stackproof.foundation.finding import CannotTell
from stackproof.gate.project import Former, Member, names_further_files


def former(member: Member, revision: str) -> Former:
    """Return a template and its scenarios as they were at a revision.

    Raises CannotTell where there is no git, no such revision, or a file cannot be read there. A template that was not
    there then has no text; scenarios that were not are those of now.
    """
    commit(revision)
    name = f"{revision}:{member.template}"
    if not _is_there(revision, member.template):
        return Former(member.template, "", name)
    text = _git("show", f"{revision}:./{member.template}").decode("utf-8", "replace")
    if member.stated or not _is_there(revision, member.scenarios):
        return Former(member.template, text, name)
    scenarios = _git("show", f"{revision}:./{member.scenarios}").decode("utf-8", "replace")
    path = _extracted(revision, member.scenarios) if names_further_files(scenarios) else member.scenarios
    return Former(member.template, text, name, scenarios, path)


def commit(revision: str) -> str:
    """Return the hash of the commit that a revision names; raise CannotTell where it names none."""
    if revision.startswith("-"):
        raise CannotTell(f"{revision!r} is no revision", fix="give a commit, a branch or a tag of git")
    return _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", what=revision).decode().strip()


def _is_there(revision: str, path: str) -> bool:
    return bool(_git("ls-tree", "--name-only", revision, "--", path).strip())


def _extracted(revision: str, path: str) -> str:
    """Return where a file stands in a temporary copy of all files below the current folder."""
    folder = Path(mkdtemp(prefix="stackproof-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", revision))) as archive:
        archive.extractall(folder, filter="data")
    return str(folder / path)


def _git(*arguments: str, what: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError as error:
        raise CannotTell(f"git cannot be run: {error.strerror}", fix="install git, or give two files") from None
    if done.returncode:
        message = " ".join(done.stderr.decode("utf-8", "replace").split()) or f"there is no revision {what!r}"
        raise CannotTell(f"git {arguments[0]}: {message}", fix="give a revision of the repository that the file is in")
    return done.stdout
