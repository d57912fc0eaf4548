"""Weights are fetched only when asked for, go on where they stopped, and are checked unread."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest, CannotWrite, InpaintError, WeightsUnavailable
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.importing import catalogue, download
from inpaint_core.importing.catalogue import CATALOGUE, CatalogueFile, find_file
from inpaint_core.importing.known_files import KNOWN_FILES, KnownFile
from inpaint_core.local import download_permission
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.weights_file import save_weights


@dataclass
class Host:
    """What the server sends, and what it was asked for."""

    content: bytes
    most: int | None = None  # bytes of an answer before the connection is cut
    status: int = 200
    leads_to: str = ""
    has_ranges: bool = True
    is_silent: threading.Event = field(default_factory=threading.Event)  # not set: it answers
    wakes: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range", "")
        self.asked.append((handler.path, wanted))
        if self.leads_to and handler.path == "/file.pt":
            handler.send_response(302)
            handler.send_header("Location", self.leads_to)
            handler.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if not self.has_ranges:
            start = 0
        body = self.content[start:]
        handler.send_response(206 if start else self.status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.most])
        if self.is_silent.is_set():
            self.wakes.wait(20)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A server on this machine, reached without a proxy."""
    state = Host(bytes(range(256)) * 1200)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield state
        server.shutdown()


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> Path:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(download_permission, "config_folder", lambda: tmp_path / "config")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    return tmp_path / "data" / "weights"


@pytest.fixture
def offered(host: Host) -> CatalogueFile:
    sha256 = hashlib.sha256(host.content).hexdigest()
    address = f"{host.address}/file.pt"
    return CatalogueFile(
        "mine", "dmfn", "fetched", "file.pt", address, len(host.content), sha256
    )  # fmt: skip


def fetch(file: CatalogueFile) -> Path:
    return download.download(file, Progress())


def refused(file: CatalogueFile, kind: type[InpaintError] = WeightsUnavailable) -> str:
    with pytest.raises(kind) as raised:
        fetch(file)
    return str(raised.value)


def test_the_catalogue_holds_known_files_behind_safe_addresses() -> None:
    assert {file.name for file in CATALOGUE} >= {"lama"}
    for file in CATALOGUE:
        assert file.known is KNOWN_FILES[file.sha256]
        assert file.known.title == file.file
        assert file.address.startswith("https://")
        assert find_file(file.name) is file
    with pytest.raises(BadRequest, match="There are: lama"):
        find_file("something else")


def test_a_file_comes_whole_and_only_once(host: Host, offered: CatalogueFile) -> None:
    said: list[str] = []
    path = download.download(offered, Progress(lambda _, text: said.append(str(text))))
    assert path.read_bytes() == host.content
    assert path.name == "file.pt"
    assert any("“file.pt”: 0 of 0 MB" in text for text in said)
    assert fetch(offered) == path
    assert host.asked == [("/file.pt", "")]
    download.discard_download(offered)
    assert not path.exists()


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_cut_connection_goes_on_where_it_ended(
    host: Host, offered: CatalogueFile, has_ranges: bool
) -> None:
    host.most = 100_000
    assert "it goes on from there" in refused(offered)
    assert download.count_fetched(offered) == 100_000
    host.most, host.has_ranges = None, has_ranges
    assert fetch(offered).read_bytes() == host.content
    assert host.asked == [("/file.pt", ""), ("/file.pt", "bytes=100000-")]


def test_what_was_cancelled_is_kept(host: Host, offered: CatalogueFile) -> None:
    progress = Progress(lambda done, _: progress.cancel() if done > 0.3 else None)
    with pytest.raises(Cancelled):
        download.download(offered, progress)
    assert 0 < download.count_fetched(offered) < len(host.content)
    assert fetch(offered).read_bytes() == host.content


def test_a_silent_host_does_not_hold_up_a_cancel(host: Host, offered: CatalogueFile) -> None:
    host.is_silent.set()
    host.most = 1000
    progress = Progress(lambda done, _: threading.Timer(0.1, progress.cancel).start())
    with pytest.raises(Cancelled):
        download.download(offered, progress)
    assert not host.wakes.is_set()  # it was still silent
    host.wakes.set()
    host.is_silent.clear()
    host.most = None
    assert fetch(offered).read_bytes() == host.content


def test_a_file_with_another_hash_is_deleted(host: Host, offered: CatalogueFile) -> None:
    host.content = b"x" * len(host.content)
    assert "SHA-256 is another" in refused(offered)
    assert download.count_fetched(offered) == 0


@pytest.mark.parametrize("more", [-5, 5])
def test_a_file_of_another_size_is_not_fetched(
    host: Host, offered: CatalogueFile, more: int
) -> None:
    assert "bytes as “file.pt”" in refused(replace(offered, size=offered.size + more))
    assert download.count_fetched(offered) == 0


def test_a_host_leads_only_where_the_catalogue_says(host: Host, offered: CatalogueFile) -> None:
    elsewhere = host.address.replace("127.0.0.1", "localhost")
    host.leads_to = f"{elsewhere}/other.pt"
    assert f"leads to {elsewhere}" in refused(offered)
    assert host.asked == [("/file.pt", "")]
    named = replace(offered, hosts=(elsewhere.removeprefix("http://"),))
    assert fetch(named).read_bytes() == host.content
    host.leads_to = "file:///etc/passwd"
    download.discard_download(offered)
    assert "is not allowed" in refused(offered)


def test_safety_is_not_given_up_on_the_way() -> None:
    (file, *_) = CATALOGUE
    assert file.may_lead_to(f"https://{file.hosts[0]}/x?sig=1")
    assert file.may_lead_to(file.address)
    for other in ("http", "ftp", "file"):
        assert not file.may_lead_to(file.address.replace("https", other))
    assert not file.may_lead_to(f"https://{file.host}@example.org/x")
    assert not file.may_lead_to(f"https://{file.host}.example.org/x")


def test_a_host_that_refuses_or_is_not_there_is_named(host: Host, offered: CatalogueFile) -> None:
    host.status = 403
    assert "refuses: 403 Forbidden" in refused(offered)
    assert "does not answer" in refused(replace(offered, address="http://127.0.0.1:9/file.pt"))


def test_a_proxy_is_used(
    host: Host, offered: CatalogueFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", host.address)
    address = "http://weights.invalid/file.pt"
    assert fetch(replace(offered, address=address)).read_bytes() == host.content
    assert host.asked == [(address, "")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_full_disk_is_said(host: Host, offered: CatalogueFile, shelf: Path) -> None:
    folder = shelf / ".downloads" / offered.sha256[:16]
    folder.mkdir(parents=True)
    (folder / "file.pt").symlink_to("/dev/full")
    assert "too little space" in refused(offered, CannotWrite)


def test_too_little_space_is_said_before_anything_comes(
    host: Host, offered: CatalogueFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = download.shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: usage)
    said = refused(replace(offered, size=3_000_000), CannotWrite)
    assert "6 MB are needed, 1 MB are free" in said
    assert host.asked == []


def test_two_do_not_fetch_the_same_file(offered: CatalogueFile, shelf: Path) -> None:
    folder = shelf / ".downloads" / offered.sha256[:16]
    folder.mkdir(parents=True)
    with download.FileLock(folder / "lock"):
        assert "being fetched already" in refused(offered)


# -- the commands ---------------------------------------------------------------------------------


@pytest.fixture
def weights(host: Host, offered: CatalogueFile, monkeypatch: pytest.MonkeyPatch) -> CatalogueFile:
    """A small network's weights on the server, in the catalogue as “mine”."""
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    net = spec.build(config)
    fold(net)
    path = user_weights.weights_folder().parent.parent / "made.safetensors"
    save_weights(net, path, {"network": "dmfn", "configuration": json.dumps(asdict(config))})
    host.content = path.read_bytes()
    sha256 = hashlib.sha256(host.content).hexdigest()
    file = replace(offered, size=len(host.content), sha256=sha256)
    known = KnownFile("file.pt", "somebody", "Apache-2.0", "any")
    monkeypatch.setattr(catalogue, "KNOWN_FILES", {sha256: known})
    monkeypatch.setattr(catalogue, "CATALOGUE", (file,))
    return file


def test_get_shows_what_it_fetches_and_imports_it(
    host: Host, weights: CatalogueFile, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "get"]) == 0
    shown = capsys.readouterr().out
    assert weights.address in shown
    assert weights.sha256 in shown
    assert "Apache-2.0" in shown
    assert host.asked == []
    assert main(["weights", "get", "mine", "--yes"]) == 0
    assert "--engine dmfn:fetched" in capsys.readouterr().out
    entry = find_entry("dmfn")
    assert (entry.id, entry.source_sha256) == ("dmfn-fetched", weights.sha256)
    assert entry.source == "file.pt"
    assert not list((shelf / ".downloads").iterdir())
    assert main(["weights", "get", "mine"]) == 0
    assert "imported already" in capsys.readouterr().out
    assert len(host.asked) == 1


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_get_asks(
    host: Host,
    weights: CatalogueFile,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    code: int,
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return said

    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["weights", "get", "mine"]) == code
    assert "Fetch 0 MB from 127.0.0.1" in capsys.readouterr().err
    assert len(host.asked) == (1 if code == 0 else 0)


def test_get_does_nothing_without_a_yes(
    host: Host, weights: CatalogueFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "get", "mine"]) != 0
    assert "--yes" in capsys.readouterr().err
    assert host.asked == []


def test_downloads_can_be_switched_off(
    host: Host, weights: CatalogueFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "downloads", "off"]) == 0
    assert main(["weights", "get", "mine", "--yes"]) != 0
    assert "switched off" in capsys.readouterr().err
    assert host.asked == []
    assert main(["weights", "downloads", "on"]) == 0
    assert main(["weights", "downloads"]) == 0
    assert capsys.readouterr().out.endswith("Downloads are on.\n")
    assert main(["weights", "get", "mine", "--yes"]) == 0
