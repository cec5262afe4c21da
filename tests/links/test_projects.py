"""A Specmatic project stands for the document that it names; what it cannot stand for is told, with the place in it."""

from pathlib import Path

import pytest

from mockws.errors import ProjectRefused
from mockws.links.projects import Entry, entry_of
from mockws.specmatic.project import Side

ASYNC = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {a: {address: /a}}\n"
OPEN = "openapi: 3.0.0\n"


def project(folder: Path, text: str, **files: str) -> str:
    """Write a project; a double underscore is a folder, what comes is YAML."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "specmatic.yaml").write_text(text)
    return str(folder / "specmatic.yaml")


def providing(*paths: str, **more: str) -> str:
    listed = ", ".join(f"{side}: [{each}]" for side, each in more.items())
    return f"version: 2\ncontracts: [{{provides: [{', '.join(paths)}]{', ' if listed else ''}{listed}}}]\n"


def refusal(name: str) -> str:
    with pytest.raises(ProjectRefused) as problem:
        entry_of(name)
    return str(problem.value)


def notes(entry: Entry) -> list[str]:
    return [f"{each.severity} {each.code}" for each in entry.notes]


def test_a_document_stands_for_itself_with_examples_beside_it() -> None:
    entry = entry_of("specs/orders.yaml")

    assert (entry.document, entry.examples) == ("specs/orders.yaml", (Path("specs/orders_examples"),))


def test_a_project_stands_for_its_document(tmp_path: Path) -> None:
    entry = entry_of(project(tmp_path, providing("specs/a.yaml"), specs__a=ASYNC))

    assert entry.document == str(tmp_path / "specs" / "a.yaml")
    assert entry.examples == tuple(tmp_path / each for each in ("specs/a_examples", "specs/examples", "examples"))
    assert tmp_path / "specmatic.yaml" in entry.files


def test_examples_that_are_named_are_the_ones_that_count(tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    text = "version: 2\nexamples: [shown]\ncontracts: [{provides: [a.yaml]}]\n"

    assert entry_of(project(tmp_path, text, a=ASYNC)).examples == (tmp_path / "shown", tmp_path / "a_examples")


def test_an_overlay_beside_the_document_belongs_to_it(tmp_path: Path) -> None:
    entry = entry_of(project(tmp_path, providing("a.yaml"), a=ASYNC, a_overlay="overlay: 1.0.0\n"))

    assert entry.overlays == (str(tmp_path / "a_overlay.yaml"),)


def test_other_specifications_are_left_out(tmp_path: Path) -> None:
    entry = entry_of(project(tmp_path, providing("web.yaml", "a.yaml"), web=OPEN, a=ASYNC))

    assert entry.document == str(tmp_path / "a.yaml")
    assert notes(entry) == ["info specmatic-left-out"]


def test_of_several_documents_the_first_is_taken_and_the_others_are_told(tmp_path: Path) -> None:
    entry = entry_of(project(tmp_path, providing("a.yaml", "b.yaml"), a=ASYNC, b=ASYNC))

    assert entry.document == str(tmp_path / "a.yaml")
    assert notes(entry) == ["warning specmatic-several"]
    assert f"mockws serve {tmp_path / 'b.yaml'}" in entry.notes[0].advice


def test_a_mock_is_of_what_is_consumed_and_a_test_of_what_is_provided(tmp_path: Path) -> None:
    name = project(tmp_path, providing("a.yaml", consumes="b.yaml"), a=ASYNC, b=ASYNC)

    assert entry_of(name).document == str(tmp_path / "b.yaml")
    assert entry_of(name, prefers=Side.PROVIDES).document == str(tmp_path / "a.yaml")


def test_a_path_that_is_missing_is_told_with_its_line(tmp_path: Path) -> None:
    name = project(tmp_path, "version: 2\ncontracts:\n- provides:\n  - lost.yaml\n")

    assert refusal(name).startswith(f"{name}:4:5: error: there is no such file: {tmp_path / 'lost.yaml'} [missing]")


def test_a_repository_is_not_fetched(tmp_path: Path) -> None:
    told = refusal(
        project(tmp_path, "version: 2\ncontracts: [{git: {url: 'https://x.y/z.git'}, provides: [a.yaml]}]\n")
    )

    assert "a.yaml is to be had from git https://x.y/z.git, and is not fetched [specmatic-remote]" in told


def test_what_is_local_is_served_and_what_is_remote_is_told(tmp_path: Path) -> None:
    text = "version: 2\ncontracts: [{web: {url: 'https://x.y'}, consumes: [b.yaml]}, {provides: [a.yaml]}]\n"
    entry = entry_of(project(tmp_path, text, a=ASYNC))

    assert notes(entry) == ["info specmatic-remote"]


@pytest.mark.parametrize("path", ["../out.yaml", "/etc/passwd", "link.yaml"])
def test_nothing_lies_outside_of_the_project(tmp_path: Path, path: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "out.yaml").write_text(ASYNC)
    (inside / "link.yaml").symlink_to(tmp_path / "out.yaml")

    assert "leads out of the project's folder [ref_outside_root] (allow it with --allow-ref-root" in refusal(
        project(inside, providing(path))
    )


def test_a_folder_that_was_allowed_may_be_led_into(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "out.yaml").write_text(ASYNC)
    name = project(inside, providing("../out.yaml"))

    assert entry_of(name, [str(tmp_path)]).document == str(tmp_path / "out.yaml")


def test_a_project_without_asyncapi_is_refused(tmp_path: Path) -> None:
    name = project(tmp_path, providing("web.yaml", "other.yaml"), web=OPEN, other=OPEN)

    assert "web.yaml is no AsyncAPI document [specmatic-empty]" in refusal(name)


def test_a_project_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    assert "[yaml_syntax]" in refusal(project(tmp_path, "version: [2\n"))
