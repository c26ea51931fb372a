"""Every planted fault ends in a sentence with the next step, exit status 1, and nothing under the checkpoint's name."""

import contextlib
import email.utils
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hub as hubs
import pytest
from hub import WEIGHTS, Fault

from helpers.checkpoints import CheckpointError, answers
from helpers.checkpoints.choose import choose

AGAIN = "Run the same command again: it goes on where it stopped."


def fails(world, start, *more, name="gpt2", **options):
    """Fetch, and assert that it fails with one line that starts and ends like this, and leaves nothing that loads."""
    status, _, err = world.run("fetch", name, **options)
    assert status == 1
    assert err.startswith(start), err
    assert err.count("\n") == 1 and err.endswith(".\n")
    for text in more:
        assert text in err
    with pytest.raises(CheckpointError):
        choose(name, "full", world.originals)
    with contextlib.suppress(PermissionError):
        assert not (world.root / name).exists()
    return err


@pytest.mark.parametrize(
    ("status", "start"),
    [
        (401, "127.0.0.1 asks for a login (401)."),
        (403, "127.0.0.1 forbids the download (403)."),
        (404, "127.0.0.1 does not have this file at the pinned commit (404)."),
        (410, "127.0.0.1 answered in an unexpected way (410)"),
        (304, "127.0.0.1 answered in an unexpected way (304)"),
    ],
)
@pytest.mark.parametrize("store", [False, True])
def test_a_refusal_is_final(world, status, start, store):
    world.hub.plant(WEIGHTS, Fault(status, store=store))
    fails(world, start, "HF_ENDPOINT")
    assert world.slept == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_fault_of_the_server_is_tried_again_and_then_told(world, status):
    world.hub.plant(WEIGHTS, always=Fault(status, store=False))
    fails(world, f"127.0.0.1 has a fault of its own ({status}). Try in some minutes.", AGAIN)
    assert world.slept == [1, 2, 4]


def test_a_passing_fault_of_the_server_is_survived(world):
    world.hub.plant("config.json", Fault(500, store=False), Fault(), Fault(503), Fault(502, store=False))
    status, out, _ = world.run("fetch", "gpt2")
    assert status == 0 and "127.0.0.1 has a fault of its own (500); trying again in 1 s." in out
    world.assert_whole()


def test_too_many_requests_waits_as_long_as_asked(world):
    date = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    world.hub.plant(
        WEIGHTS,
        Fault(429, {"Retry-After": "7"}, store=False),
        Fault(429, {"RateLimit": '"resolvers";r=0;t=11'}, store=False),
        Fault(429, {"Retry-After": date}, store=False),
    )
    assert world.run("fetch", "gpt2")[0] == 0
    assert world.slept[:2] == [7, 11] and 50 < world.slept[2] <= 60


def test_too_many_requests_without_end_is_told(world):
    world.hub.plant(WEIGHTS, always=Fault(429, store=False))
    fails(world, "127.0.0.1 says that too many requests come from this address (429)", "Wait five minutes", AGAIN)
    assert world.slept == [1, 2, 4]


@pytest.mark.parametrize("waits", [["3600"], ["100", "100"]])
def test_a_long_wait_is_told_at_once(world, waits):
    world.hub.plant(WEIGHTS, *[Fault(429, {"Retry-After": wait}, store=False) for wait in waits])
    fails(world, "127.0.0.1 says that too many requests", f"It asked to wait {waits[-1]} s.")
    assert sum(world.slept) <= world.patience.longest_wait


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "99999999999"}, {"RateLimit": "x"}, {}]
)
def test_a_wait_that_makes_no_sense_is_no_wait(headers):
    assert answers.asked_wait(headers) is None


def test_a_cut_is_resumed_at_the_byte_where_it_happened(world):
    world.hub.plant(WEIGHTS, Fault(cut_after=100_000), Fault(cut_after=50_000))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    seen = [seen for seen in world.hub.seen if seen.file == WEIGHTS and seen.store]
    assert [request.headers.get("Range") for request in seen] == [None, "bytes=100000-", "bytes=150000-"]
    assert [request.sent for request in seen] == [100_000, 50_000, 150_000]


def test_cuts_without_end_are_told_and_what_came_is_kept_for_the_next_run(world):
    world.hub.plant(WEIGHTS, *[Fault(cut_after=10_000)] * 4)
    fails(world, "The connection to 127.0.0.1 was cut.", AGAIN)
    assert world.part().read_bytes() == world.files["gpt2"][WEIGHTS][:40_000]
    world.hub.seen.clear()
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 260_000
    assert {seen.file for seen in world.hub.seen} == {WEIGHTS, "generation_config.json"}  # the pinned rest is there


def test_a_file_without_a_pinned_hash_is_never_glued_from_two_halves(world):
    world.hub.plant("generation_config.json", Fault(cut_after=5))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    seen = [seen for seen in world.hub.seen if seen.file == "generation_config.json" and seen.store]
    assert [request.headers.get("Range") for request in seen] == [None, None]


def test_attempts_that_bring_much_do_not_count(world):
    world.hub.plant(WEIGHTS, *[Fault(cut_after=30_000)] * 9)
    assert world.run("fetch", "gpt2", patience=replace(world.patience, gain=20_000))[0] == 0
    assert world.hub.sent(WEIGHTS) == 300_000


def test_a_server_that_ignores_range_starts_cleanly_from_the_beginning(world):
    world.leave(b"x" * 100_000)
    world.hub.plant(WEIGHTS, Fault(store=False), Fault(ignore_range=True))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 300_000


def test_a_server_that_ignores_range_and_cuts_for_ever_is_given_up(world):
    world.hub.plant(WEIGHTS, always=Fault(cut_after=200_000, ignore_range=True))
    fails(world, "The connection to 127.0.0.1 was cut.", patience=replace(world.patience, gain=100_000))


def test_another_part_than_asked_for_is_not_glued_on(world):
    world.leave(world.files["gpt2"][WEIGHTS][:100_000])
    world.hub.plant(WEIGHTS, Fault(store=False), Fault(wrong_range=True))
    status, out, _ = world.run("fetch", "gpt2")
    assert status == 0 and "sent another part of model.safetensors than asked for; trying again" in out
    world.assert_whole()


def test_a_damaged_leftover_costs_one_whole_download(world):
    world.leave(b"x" * 100_000)
    status, out, _ = world.run("fetch", "gpt2")
    assert status == 0 and "What an earlier run left of model.safetensors was damaged" in out
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 200_000 + 300_000


def test_a_leftover_that_is_too_long_is_thrown_away(world):
    world.leave(b"x" * 300_001)
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()


def test_a_whole_leftover_is_only_verified(world):
    world.leave(world.files["gpt2"][WEIGHTS])
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert world.hub.sent(WEIGHTS) == 0


def test_a_range_beyond_the_end_starts_again(world):
    world.leave(world.files["gpt2"][WEIGHTS][:200_000])
    world.hub.plant(WEIGHTS, Fault(store=False), Fault(416))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_corrupted_file_of_the_same_size_is_refused(world, chunked):
    data = world.files["gpt2"][WEIGHTS]
    world.hub.plant(WEIGHTS, always=Fault(content=data[:-1] + bytes([data[-1] ^ 1]), chunked=chunked))
    fails(
        world, "model.safetensors from 127.0.0.1 is not the original: its SHA-256 differs", "Run the same command again"
    )
    assert not world.part().exists()


@pytest.mark.parametrize("content", [b"x" * 300_001, b"x" * 299_999])
def test_a_wrong_size_is_refused_before_it_is_downloaded(world, content):
    world.hub.plant(WEIGHTS, always=Fault(content=content))
    fails(world, f"127.0.0.1 offers model.safetensors with {len(content)} bytes", "expected 300000", "HF_ENDPOINT")
    assert not world.part().exists()


def test_too_many_bytes_without_a_length_are_refused(world):
    world.hub.plant(WEIGHTS, always=Fault(content=b"x" * 300_001, chunked=True))
    fails(world, "127.0.0.1 offers model.safetensors with 300001 bytes")
    assert not world.part().exists()


def test_too_few_bytes_without_a_length_count_as_a_cut(world):
    world.hub.plant(WEIGHTS, always=Fault(content=b"x" * 10, chunked=True, ignore_range=True))
    fails(world, "The connection to 127.0.0.1 was cut.")


def test_an_endless_file_without_a_pinned_size_does_not_fill_the_disk(world):
    world.hub.plant("generation_config.json", always=Fault(content=b" " * 5_000_000, chunked=True))
    fails(world, "127.0.0.1 offers generation_config.json with 4")


def test_the_login_page_of_a_network_is_recognised(world):
    page = Fault(200, {"Content-Type": "text/html; charset=utf-8"}, store=False)
    world.hub.plant("config.json", page)
    fails(world, "127.0.0.1 offers config.json with 2 bytes", "perhaps the login page of this network: open a browser")


def test_the_size_that_the_hub_says_is_checked_before_the_store_is_asked_for_bytes(world):
    world.hub.plant(WEIGHTS, Fault(headers={"X-Linked-Size": "5"}, store=False))
    fails(world, "127.0.0.1 offers model.safetensors with 5 bytes", "expected 300000")


def test_a_store_may_have_hashes_of_its_own(world):
    world.hub.plant(WEIGHTS, Fault(headers={"X-Linked-Etag": '"' + "0" * 64 + '"'}, store=False))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()


def test_another_commit_is_refused(world):
    world.hub.plant("config.json", Fault(headers={"X-Repo-Commit": "f" * 40}))
    fails(world, "127.0.0.1 sent config.json of another commit (ffffffff, expected ")


def test_a_server_that_hangs_is_left(world):
    world.hub.plant(WEIGHTS, always=Fault(hang=1000))
    patience = replace(world.patience, tries=2, read=0.5)
    fails(world, "127.0.0.1 is too slow: nothing came for a while.", AGAIN, patience=patience)
    assert world.files["gpt2"][WEIGHTS].startswith(world.part().read_bytes())  # what came is kept
    assert world.part().stat().st_size > 0


def test_a_trickle_is_left_and_resumed(world):
    ticks = iter(range(0, 10**9, 61))
    patience = replace(world.patience, clock=lambda: next(ticks), slow_bytes=10**9)
    err = fails(world, "127.0.0.1 is too slow: ", AGAIN, patience=patience)
    assert "kB in a minute" in err


def test_no_network_at_all(world, monkeypatch):
    def not_found(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    fails(world, "hub.invalid was not found: there is no network, or no DNS.", "HTTPS_PROXY", AGAIN)
    assert world.slept == [1, 2, 4]


def test_nobody_listens(world, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        fails(world, "127.0.0.1 cannot be reached. Check the connection;", AGAIN)


@pytest.mark.parametrize(("location", "text"), [("/", "redirects without end"), ("ftp://x/y", "cannot be used")])
def test_redirects_that_lead_nowhere(world, location, text):
    original = world.originals["gpt2"]
    loop = f"/{original.repo}/resolve/{original.revision}/config.json" if location == "/" else location
    world.hub.plant("config.json", always=Fault(302, {"Location": loop}, store=False))
    fails(world, "127.0.0.1 ", text)


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_refuses(world, monkeypatch, status):
    with hubs.running(hubs.Proxy(world.hub, status)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        fails(world, "The proxy asks for a name" if status == 407 else "127.0.0.1 has a fault of its own (502)")


@pytest.fixture
def tls(tmp_path):
    """Return (server context, certificate file) for 127.0.0.1 and localhost, made on the spot."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl command here to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def test_https_with_a_certificate_that_is_not_trusted_and_then_trusted(world, tls, monkeypatch):
    with hubs.running(hubs.Hub(world.hub.files, tls[0])) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        fails(world, "The certificate of 127.0.0.1 is not trusted here.", "SSL_CERT_FILE")
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
        assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()


def test_a_redirect_from_https_to_http_is_refused(world, tls, monkeypatch):
    with hubs.running(hubs.Hub(world.hub.files, tls[0])) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
        plain = f"{world.hub.address}/cache/{world.originals['gpt2'].repo}/resolve/{world.originals['gpt2'].revision}"
        hub.plant("config.json", Fault(302, {"Location": f"{plain}/config.json"}, store=False))
        fails(world, "127.0.0.1 redirects from https to unprotected http, which is refused.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_while_writing(world):
    world.leave(b"")
    world.part().unlink()
    world.part().symlink_to("/dev/full")
    fails(world, f"The disk is full, or a file may not grow further, in {world.root}.", "COURSE_MODELS_DIR", "goes on")


def test_a_disk_without_room_is_told_before_the_download(world, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 9 * 10**5, 10**5))
    fails(world, "gpt2 needs 0.3 MB more, but the disk of ", "has 0.1 MB free", "COURSE_MODELS_DIR")
    assert world.hub.seen == []


@contextlib.contextmanager
def not_as_root():
    """Be nobody in this block if we are root, for whom no folder is read-only."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def shared(world, monkeypatch):
    """Return a folder that everybody may read and nobody may write to, as an instructor's disk."""
    with tempfile.TemporaryDirectory() as folder:
        world.root = Path(folder)
        monkeypatch.setenv("COURSE_MODELS_DIR", folder)
        os.chmod(folder, 0o555)
        yield world.root
        os.chmod(folder, 0o755)


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions on Windows")
def test_a_read_only_folder(world, shared):
    with not_as_root():
        fails(world, f"{shared} is closed or read-only for you. Ask for access, or set COURSE_MODELS_DIR")
    assert list(shared.iterdir()) == [] and world.hub.seen == []


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions on Windows")
def test_a_read_only_folder_that_has_all_is_good_for_all_commands(world, shared, no_sockets):
    os.chmod(shared, 0o755)
    (shared / "gpt2").mkdir()
    for file, data in world.files["gpt2"].items():
        (shared / "gpt2" / file).write_bytes(data)
    os.chmod(shared / "gpt2", 0o555)
    os.chmod(shared, 0o555)
    with not_as_root():
        assert world.run("fetch", "gpt2")[0] == 0
        assert world.run("verify", "gpt2")[0] == 0
        assert choose("gpt2", "full", world.originals) == str(shared / "gpt2")


@pytest.mark.skipif(os.name == "nt", reason="folders have no such permissions on Windows")
def test_a_folder_that_may_not_be_looked_into(world, shared):
    os.chmod(shared, 0o000)
    with not_as_root():
        fails(world, f"{shared} is closed or read-only for you. Ask for access, or set COURSE_MODELS_DIR")
        for command in ("verify", "list"):
            status, _, err = world.run(command)
            assert status == 1 and err.startswith(f"{shared} is closed or read-only for you.")
    assert world.hub.seen == []


def test_the_folder_is_a_file(world):
    world.root.write_text("")
    fails(world, f"{world.root} cannot be used: a file is where a folder should be. Move it away")
    world.root.unlink()
    world.root.mkdir()
    (world.root / "gpt2").write_text("")
    status, _, err = world.run("fetch", "gpt2")
    assert status == 1 and "a file is where a folder should be" in err
    assert world.hub.seen == []


def test_the_folder_lies_below_a_file(world, monkeypatch):
    world.root.write_text("")
    monkeypatch.setenv("COURSE_MODELS_DIR", str(world.root / "below"))
    fails(world, f"{world.root / 'below'} cannot be used: a file is where a folder should be.")
