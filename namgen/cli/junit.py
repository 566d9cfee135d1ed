"""Results as JUnit's XML, which the reports of most services of continuous integration read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from namgen.checking import Checked
from namgen.cli.terminal import printable


def to_junit(found: Sequence[Checked], target: str) -> str:
    """Spell a test case for each thing that was checked of each capture."""
    cases = [case for one in found for case in _cases(one)]
    failed = sum(len(case) > 0 and case[0].tag == "failure" for case in cases)
    counts = {"tests": f"{len(cases)}", "failures": f"{failed}", "errors": "0", "skipped": "0"}
    suites = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(suites, "testsuite", {"name": f"namgen check {target}", **counts})
    suite.extend(cases)
    Xml.indent(suites)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _cases(found: Checked) -> Iterator[Xml.Element]:
    """Yield what was checked: that it can be read, that it suits the target, that it kept still."""
    yield _case(found, "is read", found.problems)
    if found.fit is not None:
        nulls = tuple(f for f in found.failures if f.startswith("null"))
        others = tuple(f for f in found.failures if f not in nulls)
        yield _case(found, f"suits {found.fit.target}", others)
        if found.null is not None:
            yield _case(found, f"sounds as at {found.null.since}", nulls)


def _case(found: Checked, name: str, failures: Sequence[str]) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": printable(found.file), "name": name})
    if failures:
        text = printable("; ".join(failures))
        Xml.SubElement(case, "failure", {"message": text, "type": "check"}).text = text
    return case


def is_junit(path: Path) -> bool:
    """Whether a file is such a report, which may be written again."""
    with path.open("rb") as file:
        return b"<testsuite" in file.read(400)
