"""Files as they were at a revision of the git repository that they are in."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from namgen.errors import ToolError


@dataclass(frozen=True, slots=True)
class Earlier:
    """A state of a repository."""

    root: Path  # of its work tree
    revision: str  # as it was asked for

    def text_of(self, path: Path) -> bytes | None:
        """Return what a file held; None: it was not there.

        Raises:
            ToolError: git cannot tell.

        """
        try:
            inside = path.resolve().relative_to(self.root).as_posix()
        except ValueError:  # a link to somewhere else
            return None
        if _git(self.root, "ls-tree", "--name-only", self.revision, "--", inside) == b"":
            return None
        held = _git(self.root, "show", f"{self.revision}:{inside}")
        if held is None:
            raise ToolError(f"git cannot show it at {self.revision}")
        return held


def earlier(folder: Path, revision: str) -> Earlier:
    """Find the repository that a folder is in, and a revision of it.

    Raises:
        ToolError: there is no git, no repository, or no such revision in it.

    """
    if shutil.which("git") is None:
        raise ToolError(f"{folder}: git is needed to see what was there at {revision}")
    root = _git(folder, "rev-parse", "--show-toplevel")
    if root is None:
        raise ToolError(f"{folder}: expected a git repository, to compare with {revision}")
    if _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise ToolError(
            f"{folder}: revision {revision}: expected a commit of the repository, found none; a "
            "shallow clone has only the newest (fetch-depth: 2 in a workflow has the one before)"
        )
    return Earlier(Path(root.decode().strip()).resolve(), revision)


def _git(folder: Path, *words: str) -> bytes | None:
    """Return what git prints; None: it failed."""
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
