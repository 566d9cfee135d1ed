"""What of a page works: its bytes come back, its policy lets its own scripts run and no other."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from browser import browser

from namgen.page.working import Working, blocks_of, packed, policy_of, scripts_of

DATA = {
    "nothing": b"",
    "text": b"</script><!--" * 9,
    "noise": np.random.default_rng(3).bytes(300_000),
}
PART = Working("part", "A part", None, (), DATA)

_PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Packed</title>
{blocks}
{scripts}
"""
_FINDS = """unpacked("{id}").then((found) => crypto.subtle.digest("SHA-256", found))
    .then((digest) => Array.from(new Uint8Array(digest)).join(), String)"""


def written(place: Path, *others: str) -> Path:
    """Write a page with the part's data, and with scripts that it does not know."""
    own = scripts_of([PART])
    blocks = [
        f'<script type="application/octet-stream" id="{name}">{text}</script>'
        for name, text in blocks_of([PART]).items()
    ]
    scripts = [f"<script>{text}</script>" for text in (*own, *others)]
    policy = policy_of("", own, [PART])
    text = _PAGE.format(
        policy=policy.replace('"', ""), blocks="\n".join(blocks), scripts="\n".join(scripts)
    )
    place.write_text(text, encoding="utf-8", newline="\n")
    return place


def digest(data: bytes) -> str:
    from hashlib import sha256

    return ",".join(map(str, sha256(data).digest()))


def test_bytes_come_back_and_damage_is_said(tmp_path: Path) -> None:
    place = written(tmp_path / "page.html")
    place.write_text(
        place.read_text("utf-8").replace(
            "<title>", '<script type="text/plain" id="damaged">AAAA</script>\n<title>'
        ),
        encoding="utf-8",
    )
    with browser() as chromium:
        page = chromium.open(place)
        for name, data in DATA.items():
            assert page.value(_FINDS.format(id=name)) == digest(data), name
        assert "TypeError" in page.value(_FINDS.format(id="damaged"))
        assert chromium.said == []


def test_the_policy_lets_no_other_script_run(tmp_path: Path) -> None:
    with browser() as chromium:
        page = chromium.open(written(tmp_path / "page.html", "var other = 1;"))
        assert page.value("typeof unpacked + typeof other") == "functionundefined"
        assert any("Content Security Policy" in said for said in chromium.said)


def test_packed_bytes_hold_no_markup() -> None:
    for data in DATA.values():
        assert re.fullmatch(r"[A-Za-z0-9+/]+=*", packed(data))


def test_a_page_without_parts_has_no_rule_for_scripts() -> None:
    assert scripts_of([]) == ()
    assert "script-src" not in policy_of("", (), ())


def test_scripts_are_there_once_in_their_order() -> None:
    twice = Working("again", "Again", None, ("page/unpacked.js",), {"more": b"1"})
    assert scripts_of([PART, twice]) == scripts_of([PART])
    (text,) = scripts_of([PART])
    assert not re.search(r"^(?:\s|/\*)", text, re.M), "what is for readers takes room in the page"
    needs = Working("more", "More", None, (), {}, ("data:",))
    assert policy_of("", (), [needs, needs]).count("data:") == 1
