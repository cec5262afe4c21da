"""`specmatic.yaml`: where documents, overlays and examples are, in both of its versions; what it cannot be is told."""

import pytest

from mockws.errors import ProjectRefused
from mockws.source.read import read
from mockws.specmatic.project import Project, Side, Spec, is_project

VERSION_3 = """
version: 3
systemUnderTest:
  service:
    $ref: '#/components/services/bakery'
    runOptions:
      asyncapi:
        type: test
        specs: [{spec: {id: orders, overlayFilePath: laid/over.yaml}}]
    data: {examples: [{directories: [shown, '${MORE:others}']}]}
dependencies:
  services:
  - service: {$ref: '#/components/services/mill'}
components:
  sources:
    here: {filesystem: {directory: contracts}}
    elsewhere: {git: {url: 'https://example.com/contracts.git'}}
  services:
    bakery:
      definitions:
      - definition: {source: {$ref: '#/components/sources/here'}, specs: [{spec: {id: orders, path: orders.yaml}}]}
    mill:
      definitions:
      - definition: {source: {$ref: '#/components/sources/elsewhere'}, specs: [mill.yaml]}
"""


def specs(text: str, **environment: str) -> list[Spec]:
    return Project.read(read(text.encode(), "specmatic.yaml"), environment).specs


def refusal(text: str) -> str:
    with pytest.raises(ProjectRefused) as problem:
        specs(text)
    return str(problem.value)


def test_version_2_lists_paths() -> None:
    found = specs("version: 2\ncontracts: [{provides: [a.yaml], consumes: [b.yaml]}]\n")

    assert [(each.side, each.document.path) for each in found] == [(Side.PROVIDES, "a.yaml"), (Side.CONSUMES, "b.yaml")]
    assert found[0].document.pointer == "/contracts/0/provides/0"


def test_version_2_has_objects_and_folders_too() -> None:
    entry = "{specs: [a.yaml], specType: asyncapi, examples: [near]}"
    text = f"version: 2\nexamples: [far]\ncontracts: [{{filesystem: {{directory: specs}}, provides: [{entry}]}}]\n"

    (found,) = specs(text)

    assert found.document.path == "specs/a.yaml"
    assert [each.path for each in found.examples] == ["far", "near"]


def test_version_3_follows_references() -> None:
    own, other = specs(VERSION_3, MORE="mine")

    assert (own.side, own.document.path) == (Side.PROVIDES, "contracts/orders.yaml")
    assert [each.path for each in own.overlays] == ["laid/over.yaml"]
    assert [each.path for each in own.examples] == ["shown", "mine"]
    assert (other.side, other.remote) == (Side.CONSUMES, "git https://example.com/contracts.git")


def test_a_variable_has_its_default() -> None:
    assert [each.path for each in specs(VERSION_3)[0].examples] == ["shown", "others"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 1\nsources: []\n", "specmatic.yaml:1:10: error: version 1"),
        ("contracts: []\n", "version None"),
        ("version: 2\n", "no specification is named here"),
        (
            "version: 2\ncontracts: [{provides: a.yaml}]\n",
            ":2:24: error: /contracts/0/provides should be",
        ),
        ("version: 2\ncontracts: [{provides: [5]}]\n", "/contracts/0/provides/0 should be a path"),
        ("version: 2\ncontracts: {}\n", "/contracts should be a list"),
        ("version: 3\nsystemUnderTest: {service: {$ref: '#/components/none'}}\n", "'#/components/none' leads nowhere"),
        ("- version: 2\n", "the file should be an object"),
    ],
)
def test_what_is_no_project_is_told_with_its_place(text: str, told: str) -> None:
    assert told in refusal(text)


def test_a_project_is_known_by_its_name() -> None:
    assert [is_project(name) for name in ("specmatic.yaml", "Specmatic.json", "orders.yaml")] == [True, True, False]
