"""`ldznet worker`: one JSON request per line in, one JSON answer per line out."""

import base64
import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import SCHEMA, default_sigint, without_times


def start(ldznet, *flags, **options):
    """A worker that is ready, and its first line."""
    process = ldznet.start("worker", "-q", *flags, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    return process, json.loads(process.stdout.readline())


def asked(ldznet, *requests, flags=()):
    """Sends requests (objects or lines of bytes) to a worker and returns its answers."""
    lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in requests]
    result = ldznet("worker", "-q", *flags, stdin=b"\n".join(lines) + b"\n")
    assert result.returncode == 0 and result.stderr == b""
    first, *answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert first["ready"] is True and len(answers) == len(lines)
    for answer in answers:
        SCHEMA.validate(answer)
    return answers


def test_the_first_line(ldznet):
    process, ready = start(ldznet)
    process.stdin.close()
    assert process.wait(timeout=60) == 0 and process.stdout.read() == b""
    assert ready["ready"] is True and ready["schema"] == "ldznet/1" and "ldznet" in ready["methods"]
    assert (
        ready["device"] == "cpu" and ready["precision"] in ("fp32", "bf16") and ready["model"]["name"] == "ldznet-mini"
    )


def test_answers_equal_segments_and_keep_the_requests_order(ldznet, zoo):
    encoded = base64.b64encode((zoo / "b.jpg").read_bytes()).decode()
    answers = asked(
        ldznet,
        {"id": 7, "image": "zoo/a.png", "prompts": ["panda", "sky"]},
        {"id": {"deep": [None, 1.5]}, "image_b64": encoded, "prompts": ["grass"], "threshold": 0.1, "polygons": True},
        {"image": "zoo/a.png", "prompts": "panda|sky", "seed": 3, "samples": 2, "size": 128, "id": None},
        {"id": 5, "image": "zoo/a.png", "prompts": ["sky"], "threshold": 0.02, "fill_holes": True, "largest": True},
        {"id": "last", "image": "zoo/a.png", "prompts": ["panda"], "timestep": 60, "method": "ldznet", "boxes": True},
    )
    assert [a["id"] for a in answers] == [7, {"deep": [None, 1.5]}, None, 5, "last"]
    commands = [
        ["zoo/a.png", "-p", "panda|sky"],
        ["zoo/b.jpg", "-p", "grass", "-t", "0.1", "--polygons"],
        ["zoo/a.png", "-p", "panda|sky", "--seed", "3", "--samples", "2", "--size", "128"],
        ["zoo/a.png", "-p", "sky", "-t", "0.02", "--fill-holes", "--largest"],
        ["zoo/a.png", "-p", "panda", "--timestep", "60", "--boxes"],
    ]
    for answer, command in zip(answers, commands, strict=True):
        expected = without_times(json.loads(ldznet("segment", *command, "--json").stdout)) | {"id": answer["id"]}
        if answer["image"] == "image_b64":
            expected["image"] = "image_b64"
        assert without_times(answer) == expected
    assert ldznet.files() == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]


def test_an_answer_comes_before_the_next_request(ldznet, zoo):
    process, _ = start(ldznet)
    for k in range(3):
        process.stdin.write(json.dumps({"id": k, "image": "zoo/a.png", "prompts": ["sky"]}).encode() + b"\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert answer["id"] == k and (answer["timing_ms"]["vae"] == 0) == (k > 0)  # the same picture is encoded once
    process.stdin.write(b'{"id": 9, "image": "none.png", "prompts": ["sky"]}')  # no line feed
    process.stdin.close()
    assert json.loads(process.stdout.read())["id"] == 9 and process.wait(timeout=60) == 0


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_waiting_requests_share_passes(ldznet, zoo, batch_size):
    """While the first request is processed, the others queue up. Those on zoo/a.png that differ in prompts only share
    a pass, and each reports an equal part of its time."""
    a = {"image": "zoo/a.png"}
    requests = [
        {"image": "zoo/b.jpg", "prompts": ["sky"]},
        {**a, "prompts": ["panda"], "polygons": True},
        {**a, "prompts": ["sky", "grass"], "threshold": 0.3},
        {**a, "prompts": ["zebra"]},
        {**a, "prompts": ["sky"], "seed": 4},
        {**a, "prompts": ["sky"], "timestep": 5000},
        {**a, "prompts": ["sky"]},
    ]
    answers = asked(ldznet, *requests, flags=("--batch-size", str(batch_size)))
    assert [answer.get("error", {}).get("code") for answer in answers] == [None] * 5 + ["usage", None]
    shares = [answer["timing_ms"]["znet"] for answer in answers[1:5]]
    passes = {1: 4, 3: 3, 8: 2}[batch_size]  # panda + sky, grass | zebra | seed 4
    assert len(set(shares)) == passes and shares[3] not in shares[:3]
    for answer, request in zip(answers, requests, strict=True):
        if "error" in answer:
            continue
        flags = [f"--{name}={value}" for name, value in request.items() if name in ("threshold", "seed")]
        flags += ["--polygons"] * ("polygons" in request) + ["--batch-size", str(batch_size)]
        command = ["segment", request["image"], "-p", "|".join(request["prompts"]), "--json", *flags]
        alone = json.loads(ldznet(*command).stdout)
        for one, other in zip(answer["results"], alone["results"], strict=True):
            assert one["prompt"] == other["prompt"] and ("polygons" in one) == ("polygons" in other)
            assert one["score"] == pytest.approx(other["score"], abs=1e-4)
            if batch_size == 1:
                assert one == other


def test_flags_are_the_defaults_of_requests(ldznet, zoo):
    request = {"image": "zoo/a.png", "prompts": ["sky"]}
    flags = ["-t", "0.25", "--seed", "5", "--save", "mask,overlay", "-o", "out", "--boxes", "--methods", "ldznet"]
    plain, other = asked(
        ldznet,
        request,
        {**request, "threshold": 0.75, "save": ["probability"], "output": "other", "boxes": False, "min_area": 5},
        flags=flags,
    )
    assert plain["threshold"] == 0.25 and plain["seed"] == 5 and "boxes" in plain["results"][0]
    assert plain["results"][0]["files"] == {k: f"out/zoo/a.png.sky.{k}.png" for k in ("mask", "overlay")}
    assert other["threshold"] == 0.75 and "boxes" not in other["results"][0]
    assert other["results"][0]["files"] == {"probability": "other/zoo/a.png.sky.probability.png"}
    assert [f for f in ldznet.files() if not f.startswith("zoo")] == [
        "other/zoo/a.png.sky.probability.png", "out/zoo/a.png.sky.mask.png", "out/zoo/a.png.sky.overlay.png"]  # fmt: skip


def test_existing_files_are_kept_unless_the_request_has_overwrite(ldznet, zoo):
    request = {"image": "zoo/a.png", "prompts": ["sky"], "output": "sky.png"}
    first, again, over, labels = asked(
        ldznet, request, request, {**request, "overwrite": True}, {**request, "output": "out", "save": "labels"}
    )
    assert first["results"][0]["files"] == over["results"][0]["files"] == {"mask": "sky.png"}
    assert again["error"]["code"] == "cannot_write" and "sky.png" in again["error"]["message"]
    assert '"overwrite"' in again["error"]["message"] and "--" not in again["error"]["message"]
    assert set(labels["files"]) == {"labels", "labels_index"} and "segments" in labels


BAD = [
    (b"", None, "usage", "not JSON"),
    (b"panda", None, "usage", "not JSON"),
    (b'{"id": 1, "image": "zoo/a.png"', None, "usage", "not JSON"),
    (b'{"id": 1, "image": "\xff", "prompts": ["a"]}', None, "usage", "not JSON"),
    (b"[" * 100000, None, "usage", "brackets"),
    (b'{"id": 1, "seed": 1e999}', None, "usage", "number"),
    (b'["zoo/a.png", "sky"]', None, "usage", "not a JSON object"),
    ({"id": 1}, 1, "usage", "image"),
    ({"id": 1, "image": "zoo/a.png", "image_b64": "AAAA", "prompts": ["a"]}, 1, "usage", "either"),
    ({"id": 1, "image": "zoo/a.png"}, 1, "usage", "prompts"),
    ({"id": 1, "image": "zoo/a.png", "prompts": []}, 1, "usage", "prompts"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky", " "]}, 1, "usage", "empty"),
    ({"id": 1, "image": "zoo/a.png", "prompts": [["sky"]]}, 1, "usage", "prompts"),
    ({"id": 1, "image": "zoo/a.png", "prompts": [3]}, 1, "usage", "list of strings"),
    ({"id": 1, "image": "zoo/a.png\0.jpg", "prompts": ["sky"]}, 1, "usage", "image"),
    ({"id": 1, "image": "-", "prompts": ["sky"]}, 1, "usage", "image_b64"),
    ({"id": 1, "image": "zoo", "prompts": ["sky"]}, 1, "usage", "folder"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "thresold": 0.3}, 1, "usage", "Did you mean threshold"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "threshold": 2}, 1, "usage", "0 to 1"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "threshold": [0.1, 0.2]}, 1, "usage", "one value"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "threshold": {"x": 1}}, 1, "usage", "threshold"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "timestep": 5000}, 1, "usage", "timestep"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "method": "sam"}, 1, "usage", "method"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "template": "sky"}, 1, "usage", "{}"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "output": "-"}, 1, "usage", "stdout"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "json": "x.json"}, 1, "usage", "json"),
    ({"id": 1, "image": "zoo/a.png", "prompts": ["sky"], "output": "zoo/a.png/x"}, 1, "cannot_write", "zoo/a.png"),
    ({"id": 1, "image_b64": "not base64!", "prompts": ["sky"]}, 1, "bad_image", "base64"),
    ({"id": 1, "image_b64": "QUJD", "prompts": ["sky"]}, 1, "bad_image", "image_b64"),
    ({"id": 1, "image": "nowhere.png", "prompts": ["sky"]}, 1, "missing_input", "nowhere.png"),
    ({"id": 1, "image": "text.png", "prompts": ["sky"]}, 1, "bad_image", "text.png"),
]  # fmt: skip


def test_bad_requests_get_errors_and_the_worker_goes_on(ldznet, zoo):
    (ldznet.folder / "text.png").write_text("no picture")
    good = {"id": "good", "image": "zoo/a.png", "prompts": ["sky"]}
    answers = asked(ldznet, *[line for line, *_ in BAD], good)
    for answer, (line, identity, code, words) in zip(answers, BAD, strict=False):
        assert answer["id"] == identity and answer["error"]["code"] == code, line[:80]
        assert words in answer["error"]["message"], answer["error"]["message"]
    assert answers[-1]["id"] == "good" and answers[-1]["results"][0]["prompt"] == "sky"


def test_lines_of_64_megabytes(ldznet, zoo):
    request = json.dumps({"id": 1, "image": "zoo/a.png", "prompts": ["sky"]}).encode()
    longest = request + b" " * ((64 << 20) - len(request))
    fits, too_long, good = asked(ldznet, longest, longest + b" ", request)
    assert "results" in fits and "results" in good
    assert too_long["id"] is None and "64 MiB" in too_long["error"]["message"]


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_lets_it_finish_the_current_request(ldznet, zoo, number, code):
    process, _ = start(ldznet, preexec_fn=default_sigint)
    requests = [{"id": k, "image": "zoo/a.png", "prompts": ["sky"] * (k + 1)} for k in range(200)]
    process.stdin.write(b"".join(json.dumps(r).encode() + b"\n" for r in requests[:20]))
    process.stdin.flush()
    first = json.loads(process.stdout.readline())
    process.send_signal(number)
    rest = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert process.wait(timeout=60) == code
    assert [a["id"] for a in [first, *rest]] == list(range(len(rest) + 1)) and len(rest) < 19
    assert all("results" in a for a in [first, *rest])


def test_a_signal_ends_an_idle_worker(ldznet):
    process, _ = start(ldznet)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 143 and process.stdout.read() == b""


def test_closed_stdout(ldznet, zoo):
    process, _ = start(ldznet, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stdin.write(b'{"image": "zoo/a.png", "prompts": ["sky"]}\n' * 2)
    process.stdin.flush()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE and process.stderr.read() == b""


def test_backpressure(ldznet, zoo):
    """While nobody reads its answers, the worker stops reading requests."""
    process, _ = start(ldznet)
    os.set_blocking(process.stdin.fileno(), False)
    line, sent = b'{"image": "none.png", "prompts": ["sky"]}' + b" " * 4000 + b"\n", 0
    while select.select([], [process.stdin], [], 5)[1]:
        sent += os.write(process.stdin.fileno(), line[sent % len(line) :])
        assert sent < 16 << 20
    process.stdout.close()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE


@pytest.mark.parametrize("flags, words", [
    (["zoo/a.png"], "unexpected argument"),
    (["-o", "-"], "stdout"),
    (["--template", "sky"], "{}"),
    (["--json"], "no option --json"),
    (["--methods", "sam"], "methods"),
])  # fmt: skip
def test_bad_command_lines(ldznet, zoo, flags, words):
    result = ldznet("worker", *flags)
    assert result.returncode == 64 and words in result.stderr.decode() and result.stdout == b""


def test_configuration(ldznet, zoo):
    (ldznet.folder / "w.toml").write_text("threshold = 0.2\n[worker]\nseed = 4\n[segment]\nseed = 5\n")
    (answer,) = asked(ldznet, {"image": "zoo/a.png", "prompts": ["sky"]}, flags=["--config", "w.toml"])
    assert answer["threshold"] == 0.2 and answer["seed"] == 4


def test_waiting_takes_no_cpu_time(ldznet):
    """An idle worker uses almost no CPU time."""
    process, _ = start(ldznet)

    def used():
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(1)
    assert used() - before < 0.5
    process.stdin.close()
    assert process.wait(timeout=60) == 0
