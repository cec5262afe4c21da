"""Which files a document may read."""

from pathlib import Path

import pytest

from mockws.errors import Unreadable
from mockws.links.files import ENOUGH, DocumentFiles


def code_of(files: DocumentFiles, name: str) -> str:
    with pytest.raises(Unreadable) as refused:
        files(name)
    return refused.value.code


def test_a_file_below_the_documents_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.yaml").write_bytes(b"a: 1")
    files = DocumentFiles(str(tmp_path / "entry.yaml"))

    assert files(str(tmp_path / "parts" / "a.yaml")) == b"a: 1"
    assert files.read_paths == {tmp_path / "parts" / "a.yaml"}


@pytest.mark.parametrize("name", ["../outside.yaml", "link.yaml", "/etc/passwd"])
def test_a_file_outside_of_it_is_not(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.yaml").write_text("")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to("../outside.yaml")

    assert code_of(DocumentFiles(str(inside / "entry.yaml")), str(inside / name)) == "ref_outside_root"


def test_another_folder_can_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.yaml").write_bytes(b"a")
    files = DocumentFiles(str(tmp_path / "own" / "entry.yaml"), [str(tmp_path / "shared")])

    assert files(str(tmp_path / "shared" / "a.yaml")) == b"a"


def test_an_overlay_may_stand_anywhere_for_somebody_named_it(tmp_path: Path) -> None:
    (tmp_path / "overlay.yaml").write_bytes(b"o")
    overlay = str(tmp_path / "overlay.yaml")

    assert DocumentFiles(str(tmp_path / "own" / "entry.yaml"), overlays=[overlay])(overlay) == b"o"
    assert code_of(DocumentFiles(str(tmp_path / "own" / "entry.yaml")), overlay) == "ref_outside_root"


def test_a_folder_that_is_a_link_out_of_the_root_is_followed_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.yaml").write_text("a")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "parts").symlink_to(tmp_path / "secret")

    assert code_of(DocumentFiles(str(inside / "entry.yaml")), str(inside / "parts" / "a.yaml")) == "ref_outside_root"
    assert DocumentFiles(str(inside / "entry.yaml"), [str(tmp_path / "secret")])(str(inside / "parts" / "a.yaml"))


def test_nothing_is_read_from_the_web_unless_a_host_is_named(tmp_path: Path) -> None:
    assert code_of(DocumentFiles(str(tmp_path / "entry.yaml")), "https://example.com/a.yaml") == "ref_remote"


def test_what_cannot_be_read_is_told_apart(tmp_path: Path) -> None:
    files = DocumentFiles(str(tmp_path / "entry.yaml"))

    assert code_of(files, str(tmp_path / "nowhere.yaml")) == "missing"
    assert code_of(files, str(tmp_path)) == "unreadable"


def test_no_more_is_read_than_a_reader_takes(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(1 << 40)

    assert len(DocumentFiles(str(huge))(str(huge))) == ENOUGH
