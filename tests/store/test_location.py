from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from misydsl.failures import JournalUnusable
from misydsl.store.location import (
    check_place,
    default_journal_path,
    network_file_system,
    prepare_folder,
)

MOUNTS = (
    "/dev/vda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/vdb /home/ana/disk ext4 rw 0 0\n"
    "//nas/x /mnt/my\\040share cifs rw 0 0\nme@x:/ /mnt/far fuse.sshfs rw 0 0\n"
    "tmpfs /over nfs rw 0 0\ntmpfs /over tmpfs rw 0 0\nbroken line\n"
)


def test_the_journal_lies_beside_the_file_where_git_and_others_do_not_see_it(
    tmp_path: Path,
) -> None:
    path = default_journal_path(tmp_path / "viral.misy", environment={})
    assert path == tmp_path / ".misy" / "journal.db"
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_stands_for_itself(tmp_path: Path) -> None:
    assert default_journal_path(tmp_path, environment={}) == tmp_path / ".misy" / "journal.db"


def test_without_a_file_the_journal_lies_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_journal_path(environment={}) == tmp_path / ".misy" / "journal.db"


def test_misy_home_moves_it(tmp_path: Path) -> None:
    home = tmp_path / "año" / "home"
    path = default_journal_path(tmp_path / "x.misy", environment={"MISY_HOME": str(home)})
    assert path == home / "journal.db"
    assert home.is_dir()


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnusable, match=r"file/\.misy: it is no folder"):
        prepare_folder(tmp_path / "file" / ".misy")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="no such folder"):
        check_place(tmp_path / "nowhere" / "journal.db")


def test_a_missing_folder_comes_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match=r"make it: mkdir -p '\S+/mis flujos'"):
        check_place(tmp_path / "mis flujos" / "journal.db")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a\udcff.db", "is not UTF-8 text .rename the folder, or choose another path"),
        ("a\0.db", "is not UTF-8 text"),
        ("x" * 300, "File name too long .choose another path"),
        ("/dev/null", "a device, not a file .choose the path of a file"),
        ("../", "it is a folder .name the file in it"),
        ("../journal.db/../x.db", "no such folder"),
    ],
)
def test_a_path_no_journal_can_have_is_refused_with_a_cure(
    tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(JournalUnusable, match=words):
        check_place(tmp_path / name)


def test_a_file_that_may_only_be_read_takes_no_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    path.touch()
    monkeypatch.setattr(os, "access", lambda asked, mode: asked != path or not mode & os.W_OK)
    with pytest.raises(JournalUnusable, match=r"may only be read here.*\(make it writable"):
        check_place(path)


def test_what_is_below_the_working_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JournalUnusable, match=r"kept in nada/más: .*make it: mkdir -p 'nada/más'"):
        check_place(tmp_path / "nada" / "más" / "j.db")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    (tmp_path / "sub").rmdir()
    with pytest.raises(JournalUnusable, match=r"kept in /\S+/nada: "):
        check_place(tmp_path / "nada" / "j.db")


def test_a_folder_on_a_full_disk_asks_for_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, **_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(JournalUnusable, match="make room on the disk, or choose another one"):
        prepare_folder(tmp_path / "x")


def test_a_folder_that_is_not_writable_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the answer of the system is made up, because root may write everywhere
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    with pytest.raises(JournalUnusable, match="not writable"):
        check_place(tmp_path / "journal.db")


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misydsl.store.location._mounts", lambda: "s:/ / nfs4 rw 0 0\n")
    with pytest.raises(JournalUnusable, match=r"network file system \(nfs4\)"):
        check_place(tmp_path / "journal.db")


@pytest.mark.parametrize(
    ("folder", "file_system"),
    [
        ("/", None),
        ("/srv/x", None),
        ("/home/ana", "nfs4"),
        ("/homes", None),
        ("/home/ana/disk/x", None),
        ("/mnt/my share/x", "cifs"),
        ("/mnt/far", "fuse.sshfs"),
        ("/over", None),
    ],
)
def test_the_deepest_and_latest_mount_decides(folder: str, file_system: str | None) -> None:
    assert network_file_system(Path(folder), mounts=MOUNTS) == file_system
