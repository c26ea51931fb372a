"""Fetching from a hub on loopback: what is asked for, what arrives, and what is left alone afterwards."""

import json
import shutil

import hub as hubs
import pytest

from helpers.checkpoints import CheckpointError
from helpers.checkpoints import fetch as fetching
from helpers.checkpoints.choose import choose
from helpers.checkpoints.fetch import fetch


def test_all_three_arrive_whole_from_the_pinned_commit_and_nothing_else_is_asked_for(world):
    status, out, err = world.run("fetch")
    assert (status, err) == (0, "")
    for name, original in world.originals.items():
        world.assert_whole(name)
        asked = [seen.path for seen in world.hub.seen if original.repo in seen.path and not seen.store]
        assert asked == [f"/{original.repo}/resolve/{original.revision}/{file}" for file in original.files]
        assert f"{name} is in {world.root / name}, verified." in out
    assert len(world.hub.seen) == 2 * 3 * 4  # each file once, and its redirect


def test_one_name_brings_one_checkpoint(world):
    assert world.run("fetch", "gpt2")[0] == 0
    assert [path.name for path in world.root.iterdir() if not path.name.startswith(".")] == ["gpt2"]


def test_the_room_that_is_asked_for_is_that_of_all_files(world, monkeypatch):
    asked = []
    monkeypatch.setattr(fetching, "_check_space", lambda root, name, needed: asked.append(needed))
    assert world.run("fetch", "gpt2")[0] == 0
    sizes = [file.size for file in world.originals["gpt2"].files.values() if file.size]
    assert len(sizes) > 1 and asked == [sum(sizes)]


def test_a_file_that_is_not_pinned_is_recorded_with_its_hash(world):
    world.run("fetch", "gpt2")
    record = json.loads((world.root / "gpt2/fetched.json").read_text())
    assert record["revision"] == world.originals["gpt2"].revision
    assert set(record["files"]) == set(world.files["gpt2"])
    (world.root / "gpt2/generation_config.json").write_text('{"eos_token_id": 1, "pad_token_id": 0, "more": 1}')
    status, _, err = world.run("verify", "gpt2")
    assert status == 1 and "generation_config.json has" in err


@pytest.mark.parametrize("content", [b"<html>", b'{"eos_token_id": 7, "pad_token_id": 0}', b"[]"])
def test_a_file_that_is_not_pinned_must_hold_what_it_is_for(world, content):
    world.hub.plant("generation_config.json", hubs.Fault(content=content))
    status, _, err = world.run("fetch", "gpt2")
    assert status == 1 and err.startswith("generation_config.json from 127.0.0.1 ") and "thrown away" in err
    assert not (world.root / "gpt2").exists()
    assert world.run("fetch", "gpt2")[0] == 0  # the next run asks for it again


def test_what_is_there_is_not_asked_for_again(world, no_sockets):
    world.root.mkdir()
    shutil.copytree(_made_by_hand(world), world.root / "gpt2")
    status, out, _ = world.run("fetch", "gpt2")
    assert status == 0 and "verified" in out
    assert world.hub.seen == []


def test_a_copy_without_record_is_good_when_its_hashes_are(world):
    _made_by_hand(world, world.root / "gpt2")
    assert world.run("verify", "gpt2")[1].endswith("(generation_config.json: by use only, no hash is recorded).\n")


def _made_by_hand(world, folder=None):
    folder = folder or world.root.parent / "copied"
    folder.mkdir(parents=True)
    for file, data in world.files["gpt2"].items():
        (folder / file).write_bytes(data)
    return folder


@pytest.mark.parametrize("file", ["generation_config.json", "fetched.json"])
def test_a_folder_in_the_place_of_a_file_is_told_before_anything_is_moved(world, file):
    folder = _made_by_hand(world, world.root / "gpt2")
    (folder / "config.json").write_bytes(b"{")
    (folder / file).unlink(missing_ok=True)
    (folder / file).mkdir()
    status, out, err = world.run("fetch", "gpt2")
    assert status == 1 and f"{file} is a folder where a file should be. Move it away" in out + err
    assert (folder / "config.json").read_bytes() == b"{" and world.hub.seen == []


@pytest.mark.parametrize("file", ["config.json", "generation_config.json", hubs.WEIGHTS])
def test_a_damaged_file_is_fetched_again_and_only_that(world, file):
    world.run("fetch", "gpt2")
    world.hub.seen.clear()
    path = world.root / "gpt2" / file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert {seen.file for seen in world.hub.seen} == {file}


@pytest.mark.parametrize("entry", [None, "x", {}, {"size": None, "sha256": "0"}, {"size": 5, "sha256": None}])
def test_a_damaged_record_is_no_record(world, entry):
    world.run("fetch", "gpt2")
    revision = world.originals["gpt2"].revision
    record = {"revision": revision, "files": {"generation_config.json": entry}}
    for text in (json.dumps(record), json.dumps({"revision": revision, "files": []}), "[]", "{"):
        (world.root / "gpt2/fetched.json").write_text(text)
        assert world.run("fetch", "gpt2")[0] == 0
        assert world.run("verify", "gpt2")[0] == 0


def test_only_pinned_names_can_be_fetched(world):
    status, _, err = world.run("fetch", "gpt2", "gpt2-xl")
    assert (status, err) == (1, "name must be one of bert-base-uncased, gpt2, t5-small, but it is 'gpt2-xl'.\n")
    assert world.hub.seen == [] and not world.root.exists()
    with pytest.raises(ValueError, match="name must be one of"):
        fetch("../gpt2", world.originals)


def test_a_server_cannot_choose_where_a_file_goes(world):
    evil = {"Content-Disposition": 'attachment; filename="../../evil.txt"'}
    world.hub.plant("config.json", hubs.Fault(headers=evil))
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert not list(world.root.parent.rglob("evil*"))


def test_a_leftover_of_an_older_course_does_not_come_along(world):
    world.leave(b"")
    (world.root / "gpt2.part/added_tokens.json").write_text("{}")
    assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()


def test_no_token_is_sent_to_any_host(world, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret-token")
    world.run("fetch", "gpt2")
    assert {seen.headers["Host"].split(":")[0] for seen in world.hub.seen} == {"127.0.0.1", "localhost"}
    assert not any("secret-token" in str(seen.headers) or "Authorization" in seen.headers for seen in world.hub.seen)


def test_the_endpoint_may_have_a_path_and_a_slash(world, monkeypatch):
    repo, original = world.originals["gpt2"].repo, world.originals["gpt2"]
    monkeypatch.setenv("HF_ENDPOINT", world.hub.address + "/")
    assert world.run("fetch", "gpt2")[0] == 0
    assert world.hub.seen[0].path.startswith(f"/{repo}/resolve/{original.revision}/")


@pytest.mark.parametrize("endpoint", ["huggingface.co", "ftp://mirror", "http://", "http://[::1"])
def test_a_wrong_endpoint_is_named(world, monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    status, _, err = world.run("fetch", "gpt2")
    assert status == 1 and err.startswith("HF_ENDPOINT must be an address like https://huggingface.co, but it is '")


def test_a_proxy_carries_all_requests(world, monkeypatch):
    with hubs.running(hubs.Proxy(world.hub)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")  # only the proxy knows where this is
        assert world.run("fetch", "gpt2")[0] == 0
    world.assert_whole()
    assert len(proxy.seen) == len(world.hub.seen) == 8
    assert proxy.seen[0].startswith("http://hub.invalid/")


def test_no_proxy_is_asked_for_a_host_that_needs_none(world, monkeypatch):
    with hubs.running(hubs.Proxy(world.hub)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        assert world.run("fetch", "gpt2")[0] == 0
    assert proxy.seen == []


def test_a_proxy_for_https_is_asked_and_its_refusal_is_a_sentence(world, monkeypatch):
    with hubs.running(hubs.Proxy(world.hub)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        monkeypatch.delenv("HF_ENDPOINT")
        status, _, err = world.run("fetch", "gpt2")
    assert proxy.seen == ["CONNECT huggingface.co:443"]
    assert status == 1 and err.startswith("The proxy did not let the request to huggingface.co pass (403")


@pytest.mark.parametrize("proxy", ["nonsense://x", "http://[::1"])
def test_a_wrong_proxy_address_is_a_sentence(world, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    status, _, err = world.run("fetch", "gpt2")
    assert status == 1 and err.startswith("The proxy settings cannot be used")


def test_a_tokenizer_that_does_not_give_the_known_ids_gets_no_name(world):
    object.__setattr__(world.originals["gpt2"], "ids", [3, 2, 1])
    status, _, err = world.run("fetch", "gpt2")
    assert status == 1 and "'the cat sat' becomes [1, 2, 3], expected [3, 2, 1]" in err
    assert not (world.root / "gpt2").exists()
    object.__setattr__(world.originals["gpt2"], "ids", [1, 2, 3])
    sent = world.hub.sent(hubs.WEIGHTS)
    assert world.run("fetch", "gpt2")[0] == 0
    assert world.hub.sent(hubs.WEIGHTS) == sent  # the verified weights did not have to come again


def test_a_tokenizer_with_another_vocabulary_gets_no_name(world):
    object.__setattr__(world.originals["gpt2"], "vocabulary", 5)
    assert "the vocabulary has 4 tokens, expected 5" in world.run("fetch", "gpt2")[2]


def test_what_was_fetched_can_be_chosen(world, no_sockets, capsys):
    shutil.copytree(_made_by_hand(world), world.root / "gpt2")
    folder = choose("gpt2", "full", world.originals)
    assert folder == str(world.root / "gpt2")
    (world.root / "gpt2" / hubs.WEIGHTS).write_bytes(b"short")
    with pytest.raises(CheckpointError, match="model.safetensors has 5 bytes, expected 300000. Repair it with"):
        choose("gpt2", "full", world.originals)
