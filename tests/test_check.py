"""`namgen check`: what is refused, what fits, how each capture sounds beside what it was."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import make_nam
import pytest
from click.testing import CliRunner, Result

from namgen.cli import main
from namgen.lower import lower
from namgen.nam_file import read
from namgen.pedal.loudness import measured_loudness

SINCE_HEAD = ("--since", "HEAD", "--target", "generic")
"""Nothing is weighed against a processor's time, which takes longest."""
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on PATH")


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(main, ["check", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(*words: str | Path, code: int = 0) -> list[dict[str, Any]]:
    result = run(*words, "--json", "-q")
    assert result.exit_code == code, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "captures" / "clean").mkdir(parents=True)
    make_nam.write(tmp_path / "captures", make_nam.a1(), "lead.nam")
    make_nam.write(tmp_path / "captures" / "clean", make_nam.a2(), "chime.nam")
    return tmp_path / "captures"


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=maker", "-c", "user.email=maker@example.org")
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    """A folder whose captures were committed, and one of which was changed since."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "captures")
    document = make_nam.a1()
    document["weights"][3] += 0.02
    make_nam.write(folder, document, "lead.nam")
    make_nam.write(folder, make_nam.a1(), "new.nam")
    return folder


def test_every_capture_of_a_folder_and_of_those_in_it_is_checked(folder: Path) -> None:
    (folder / ".kept").mkdir()
    make_nam.write(folder / ".kept", make_nam.a1(), "hidden.nam")
    found = told(folder)
    assert [Path(one["file"]).name for one in found] == ["chime.nam", "lead.nam"]
    assert all(one["passes"] and one["fit"]["fits"] for one in found)
    assert all(0 < one["fit"]["share"] < 1 for one in found)


def test_the_cycles_are_those_of_the_share(folder: Path) -> None:
    for one in told(folder):
        wanted = one["fit"]["share"] * 480e6 / 48000
        assert one["cycles_per_sample"] == pytest.approx(wanted, abs=0.5)


def test_a_loudness_that_is_not_stated_is_measured(folder: Path) -> None:
    make_nam.write(folder, make_nam.a1(metadata={"loudness": -21.5}), "said.nam")
    by_name = {Path(one["file"]).name: one for one in told(folder)}
    assert by_name["said.nam"]["loudness_db"] == -21.5
    assert by_name["said.nam"]["loudness_is_stated"] is True
    assert by_name["lead.nam"]["loudness_is_stated"] is False
    measured = measured_loudness(lower(read(folder / "lead.nam")))
    assert by_name["lead.nam"]["loudness_db"] == measured


def test_what_has_several_channels_has_no_loudness_and_says_why_it_does_not_suit(
    folder: Path,
) -> None:
    stereo = make_nam.write(folder, make_nam.lstm(channels=2), "stereo.nam")
    (found,) = told(stereo, code=1)
    assert found["failures"][0].startswith("target daisy: the pedal plays models with 1 input")
    assert "not measured" in run(stereo).stdout


def test_a_file_that_is_refused_fails_and_loses_no_other(folder: Path) -> None:
    (folder / "bad.nam").write_text("{")
    found = told(folder, code=1)
    (bad,) = (one for one in found if not one["passes"])
    assert bad["problems"][0].startswith("expected JSON, found an error")
    assert len(found) == 3
    shown = run(folder)
    assert "refused" in shown.stdout
    assert "2 of 3 captures pass, for daisy" in shown.stdout


def test_what_does_not_suit_the_target_fails(folder: Path) -> None:
    make_nam.write(folder, make_nam.a2(32), "wide.nam")
    wide = next(one for one in told(folder, code=1) if one["file"].endswith("wide.nam"))
    assert wide["failures"][0].startswith("target daisy: ")


def test_a_load_beyond_the_limit_fails_with_both_numbers(folder: Path) -> None:
    assert told(folder, "--max-load", "99")
    lead = next(o for o in told(folder, "--max-load", "0.5", code=1) if o["file"].endswith("d.nam"))
    assert lead["failures"][0].startswith("load: expected at most 0.5 %, found ")


@needs_git
def test_captures_are_played_beside_what_they_were(repository: Path) -> None:
    by_name = {Path(one["file"]).name: one["null"] for one in told(repository, *SINCE_HEAD)}
    assert by_name["chime.nam"] == {"since": "HEAD", "change": "same", "depth_db": None, "why": ""}
    assert by_name["new.nam"]["change"] == "new"
    assert by_name["lead.nam"]["change"] == "changed"
    assert 5 < by_name["lead.nam"]["depth_db"] < 120


@needs_git
def test_a_changed_sound_fails_below_the_null_that_is_asked_for(repository: Path) -> None:
    since = (*SINCE_HEAD, "--least-null")
    depth = next(o for o in told(repository, *since, "0") if o["null"]["depth_db"])["null"]
    assert told(repository, *since, f"{depth['depth_db'] - 1}")
    failing = [
        o for o in told(repository, *since, f"{depth['depth_db'] + 1}", code=1) if not o["passes"]
    ]
    assert [Path(one["file"]).name for one in failing] == ["lead.nam"]
    assert f"found {depth['depth_db']:.1f} dB" in failing[0]["failures"][0]


@needs_git
def test_metadata_alone_changes_no_sound(repository: Path) -> None:
    make_nam.write(repository, make_nam.a1(metadata={"name": "renamed"}), "lead.nam")
    lead = next(o for o in told(repository, *SINCE_HEAD) if o["file"].endswith("lead.nam"))
    assert lead["null"]["change"] == "same"


@needs_git
def test_what_it_was_may_have_been_no_capture(repository: Path) -> None:
    (repository / "late.nam").write_text("{")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "a broken file")
    make_nam.write(repository, make_nam.a1(), "late.nam")
    found = told(repository, *SINCE_HEAD, "--least-null", "60", code=1)
    (late,) = (one for one in found if one["file"].endswith("late.nam"))
    assert late["failures"][0].startswith("null with HEAD: what it was is refused: expected JSON")


@needs_git
def test_a_revision_that_is_not_there_is_refused_only_where_it_is_asked_for(
    repository: Path,
) -> None:
    assert all(
        one["null"] is None for one in told(repository, "--target", "generic")
    )  # HEAD^: there is one commit
    refused = run(repository, "--since", "v9")
    assert refused.exit_code == 1
    assert "revision v9: expected a commit of the repository, found none" in refused.stderr
    assert "fetch-depth: 2" in refused.stderr


@needs_git
def test_each_capture_is_compared_with_the_repository_that_it_is_in(
    repository: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    found = told(repository / "lead.nam", other / "lead.nam", *SINCE_HEAD)
    assert [one["null"]["change"] for one in found] == ["changed", "changed"]
    shutil.rmtree(other / ".git")
    refused = run(repository / "lead.nam", other / "lead.nam", *SINCE_HEAD)
    assert refused.exit_code == 1
    assert f"{other}: expected a git repository" in refused.stderr


@needs_git
def test_what_git_cannot_show_is_not_called_new(repository: Path) -> None:
    git(repository, "commit", "-q", "-a", "-m", "a change")
    name = "HEAD^:lead.nam"
    command = ["git", "-C", str(repository), "rev-parse", name]
    blob = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (lead,) = told(repository / "lead.nam", "--target", "generic")
    assert (lead["null"]["change"], lead["passes"]) == ("not compared", True)
    (lead,) = told(repository / "lead.nam", "--target", "generic", "--least-null", "1", code=1)
    assert lead["failures"] == ["null with HEAD^: git cannot show it at HEAD^"]


def test_without_a_repository_a_null_that_is_asked_for_is_refused(folder: Path) -> None:
    refused = run(folder, "--least-null", "60")
    assert refused.exit_code == 1
    assert "there is no earlier state to compare with" in refused.stderr


def test_junit_has_a_case_for_each_thing_and_counts_what_failed(folder: Path) -> None:
    (folder / "bad.nam").write_text("{")
    report = folder.parent / "report.xml"
    assert run(folder, "--junit", report).exit_code == 1
    (suite,) = Xml.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("5", "1")
    failed = [case for case in suite if case.find("failure") is not None]
    assert [case.get("name") for case in failed] == ["is read"]
    assert run(folder, "--junit", report).exit_code == 1  # its own kind is written again


@needs_git
def test_junit_has_a_sound_that_changed_under_that_name(repository: Path) -> None:
    report = repository.parent / "report.xml"
    assert run(repository, *SINCE_HEAD, "--least-null", "200", "--junit", report).exit_code == 1
    (suite,) = Xml.parse(report).getroot()
    failed = [case.attrib for case in suite if case.find("failure") is not None]
    assert [(Path(c["classname"]).name, c["name"]) for c in failed] == [
        ("lead.nam", "sounds as at HEAD")
    ]


def test_results_are_what_json_says_beside_the_table(folder: Path) -> None:
    results = folder.parent / "results.json"
    for _ in range(2):  # its own kind is written again
        shown = run(folder, "--results", results)
        assert "2 of 2 captures pass" in shown.stdout
        assert json.loads(results.read_text(encoding="utf-8")) == told(folder)


@pytest.mark.parametrize(
    ("option", "name", "text"),
    [
        ("--junit", "notes.xml", "<notes/>"),
        ("--results", "notes.json", '[{"file": "mine"}]'),
        ("--results", "notes.json", "mine"),
    ],
)
def test_a_report_replaces_nothing_else(folder: Path, option: str, name: str, text: str) -> None:
    precious = folder.parent / name
    precious.write_text(text)
    assert run(folder, option, precious).exit_code == 1
    assert precious.read_text() == text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nothing"], 1, "found no such file"),
        (["{empty}"], 1, "expected captures (.nam) in the folder, found none"),
        ([], 2, "Missing argument"),
        (["{folder}", "--max-load", "0"], 2, "not in the range"),
        (["{folder}", "--target", "dasiy"], 2, "did you mean daisy?"),
        (["{folder}", "--junit", "report.txt"], 2, "expected a name ending in .xml"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"empty": tmp_path / "empty", "folder": folder}
    result = run(*(word.format(**places) for word in words))
    assert result.exit_code == code
    assert said in result.output


def test_what_is_there_and_cannot_be_read_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = folder.parent / "report.xml"
    there.write_text("<testsuite/>")

    def locked(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("namgen.cli.check.is_junit", locked)
    refused = run(folder, "--junit", there)
    assert refused.exit_code == 1
    assert refused.stderr.endswith(f"{there}: cannot be read: Permission denied\n")
