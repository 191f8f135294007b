"""Hooks of mkdocs: pages of the site that stand outside docs/, and links to files that the site does not have.

The README is the site's first page, rules/README.md its list of rules. A link from a page to a file of the repository
that is no page (a rule, say) becomes the file's name; a link that leads nowhere stays, and `--strict` refuses it.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "rules/README.md": "rules.md", "CONTRIBUTING.md": "contributing.md"}
LINK = re.compile(r"(?P<open>\[(?P<text>[^\]]*)\]\(|src=\")(?P<to>[^)#\":]+)(?P<anchor>#[^)\"]*)?(?P<close>\)|\")")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages from outside the folder of the site."""
    for path, name in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to where their files are in the site."""
    source = next((path for path, name in PAGES.items() if name == page.file.src_uri), f"docs/{page.file.src_uri}")
    folder = posixpath.dirname(source)

    def placed(link: re.Match[str]) -> str:
        to = posixpath.normpath(posixpath.join(folder, link["to"]))
        if to in PAGES or to.startswith("docs/"):
            inside = PAGES.get(to, to.removeprefix("docs/"))
            return f"{link['open']}{inside}{link['anchor'] or ''}{link['close']}"
        if link["text"] is not None and (ROOT / to).exists():
            return f"{link['text']} (`{to}`)" if link["text"].strip("`") != to else f"`{to}`"
        return link[0]

    return LINK.sub(placed, markdown)
