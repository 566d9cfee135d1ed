"""How the documents become a site and man pages; `python -m sphinx -c docs/site docs OUT`.

The documents are Markdown that reads as well where it lies. What is added here: an order, the
commands as `--help` has them, the Python interface from its docstrings.
"""

import re

from pygments.lexers.special import TextLexer

from namgen.cli.group import COMMANDS
from namgen.version import VERSION

project = "namgen"
author = "the namgen project"
version = release = VERSION
root_doc = "site/index"
exclude_patterns = ["README.md"]  # the index is in its place

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
myst_heading_anchors = 4
smartquotes = False
autodoc_typehints = "description"
autodoc_member_order = "bysource"
nitpicky = False

html_theme = "furo"
html_title = f"namgen {VERSION}"
html_show_copyright = html_copy_source = html_show_sourcelink = False
html_last_updated_fmt = None

man_pages = [
    ("site/commands/namgen", "namgen", "guitar pedals from NAM captures", author, 1),
    *(
        (f"site/commands/{name}", f"namgen-{name}", summary.rstrip("."), author, 1)
        for name, summary in COMMANDS.items()
    ),
]
man_show_urls = False
today = " "  # the same pages on any day

_PLACES = {"../README.md": "site/readme.md", "../CONTRIBUTING.md": "site/contributing.md"}
"""Documents beside the folder, and the pages that include them."""


def _at_the_side(app, docname, source):
    """Lead links to documents beside the folder to the pages of them."""
    for there, here in _PLACES.items():
        source[0] = re.sub(rf"\]\({re.escape(there)}(#|\))", rf"](/{here}\1", source[0])
    source[0] = source[0].replace("](README.md", "](/site/index.md")


def _included(app, relative_path, parent_docname, content):
    """Lead links of a document from outside the folder to pages, or to nothing but their words."""
    text = content[0]
    text = re.sub(r"\]\(docs/README\.md\)", "](/site/index.md)", text)
    text = re.sub(r"\]\(docs/", "](/", text)
    text = re.sub(r"\]\(README\.md", "](/site/readme.md", text)
    text = re.sub(r"\]\(CONTRIBUTING\.md", "](/site/contributing.md", text)
    text = re.sub(r"\]\(CHANGELOG\.md", "](/site/changes.md", text)
    content[0] = re.sub(r"\[([^\]]+)\]\((LICENSE|examples/[^)]*)\)", r"`\1`", text)


def _help_text(app, ctx, lines):
    """Set the examples of a command's help as code, and keep a star from being markup."""
    lines[:] = [line[2:] if line.startswith("|  ") else _heading(line) for line in _apart(lines)]


def _heading(line):
    text = line.replace("*", r"\*")
    return f"{text[2:].rstrip(':')}::" if line.startswith("| ") else text


def _apart(lines):
    """Put an empty line between what is said of examples and them."""
    for before, line in zip(["", *lines], lines, strict=False):
        if before and line.startswith("| ") and line.startswith("|  ") != before.startswith("|  "):
            yield ""
        yield line


def setup(app):
    """Say where links lead, and how texts of help are read."""
    app.add_lexer("csv", TextLexer)
    app.connect("sphinx-click-process-description", _help_text)
    app.connect("source-read", _at_the_side)
    app.connect("include-read", _included)
