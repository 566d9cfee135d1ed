"""What a board's file says, with what it is like and the codec that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namgen.codecs import codec_data, codec_names
from namgen.errors import FileError, Problem, nearest
from namgen.toml_data import parse_toml, toml_names
from namgen.toml_like import merged, parse_like

_OF_ITS_CODEC = ("title", "full_scale_dbu")
"""What a board has from another one only as long as it has that one's codec."""


@dataclass(frozen=True, slots=True)
class BoardData:
    """The plain values of a board's file, and what is wrong with the names in it."""

    plain: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def board_data(path: Path, known: Path) -> BoardData:
    """Read a board's file.

    Args:
        path: the file.
        known: the folder of the boards that `like` may name.

    Raises:
        FileError: it is no TOML, cannot be read, or is like no board.

    """
    data: dict[str, Any] = {"name": path.stem, **_with_like(path, parse_toml(path), known)}
    codec = data.pop("codec", None)
    if codec is None:
        return BoardData(data)
    named = codec.get("like") if isinstance(codec, dict) else codec
    if named is not None and named not in codec_names():
        place = "codec.like" if isinstance(codec, dict) else "codec"
        return BoardData(data, (Problem(place, _no_codec(named)),))
    base = {} if named is None else codec_data(named)
    if not isinstance(codec, dict):
        return BoardData(data | {"codec": base})
    own = {key: value for key, value in codec.items() if key != "like"}
    return BoardData(data | {"codec": merged(base, {"name": path.stem, **own})})


def _with_like(path: Path, data: dict[str, Any], known: Path) -> dict[str, Any]:
    """Add what the board has that this one is like."""
    if "like" not in data:
        return data
    like, names = data["like"], toml_names(known)
    if like not in names:
        told = f"expected one of {', '.join(names)}, found {like!r}{nearest(str(like), names)}"
        raise FileError(path.name, [Problem("like", told)])
    base = parse_like(known / f"{like}.toml")
    if "codec" in data:
        base = {key: value for key, value in base.items() if key not in _OF_ITS_CODEC}
    return merged(base, {key: value for key, value in data.items() if key != "like"})


def _no_codec(found: object) -> str:
    known = ", ".join(codec_names())
    hint = nearest(str(found), codec_names())
    return f"expected one of {known}, or a table of registers, found {found!r}{hint}"
