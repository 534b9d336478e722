"""The Python client in python/: what its functions return and raise, its README, its wheel, and workers that die."""

import asyncio
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import BINARY, MODEL, ROOT
from PIL import Image
from pycocotools import mask as coco

import ldznet

ZOO = ROOT / "examples" / "zoo.png"
README = ROOT / "python" / "README.md"

# A worker that answers, and dies of the prompt "die", of "once" only if no file of that name is there.
FAKE = """#!{python}
import json, os, pathlib, sys
print('{{"ready":true}}', flush=True)
for line in sys.stdin:
    request = json.loads(line)
    prompt = request["prompts"][0]
    with open({log!r}, "a") as log:
        log.write(prompt + "\\n")
    if prompt == "die" or prompt == "once" and not pathlib.Path({once!r}).exists():
        pathlib.Path({once!r}).touch()
        os._exit(1)
    result = dict(prompt=prompt, present=False, score=0, max_probability=0, area=0, bbox=[0, 0, 0, 0],
                  segmentation=dict(size=[1, 1], counts="1"))
    print(json.dumps(dict(image=request["image"], width=1, height=1, results=[result])), flush=True)
"""


@pytest.fixture(autouse=True)
def program(monkeypatch):
    monkeypatch.setenv("LDZNET", str(BINARY))
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def worker():
    with ldznet.Worker(program=BINARY, model=MODEL, size=64, threshold=0.05) as worker:
        yield worker


@pytest.fixture
def fake(tmp_path):
    path = tmp_path / "fake"
    path.write_text(FAKE.format(python=sys.executable, once=str(tmp_path / "once"), log=str(tmp_path / "log")))
    path.chmod(0o755)
    return path


def test_a_picture_by_path_bytes_and_pixels(worker):
    by_path = worker.segment(ZOO, ["panda", "sky"])
    assert list(by_path) == ["panda", "sky"] and len(by_path) == 2
    panda = by_path["panda"]
    assert (by_path.width, by_path.height) == (640, 480) == panda.mask.shape[::-1]
    assert panda.mask.dtype == np.bool_ and panda.mask.sum() == panda.area > 0
    assert (panda.mask == coco.decode(panda.segmentation).astype(bool)).all()
    pixels = np.asarray(Image.open(ZOO).convert("RGB"))
    for image in (ZOO.read_bytes(), pixels, str(ZOO)):
        assert (worker.segment(image, "panda")["panda"].mask == panda.mask).all()
    assert worker.segment(pixels[..., 0], "panda").height == 480
    with pytest.raises(KeyError, match=r"'cow' is none of the prompts \['panda'"):
        by_path["cow"]
    assert "counts" not in repr(by_path)  # thousands of characters
    with pytest.raises(ValueError, match="uint8"):
        worker.segment(pixels / 255, "panda")
    with pytest.raises(ValueError, match="PIL picture"):
        worker.segment(Image.open(ZOO), "panda")


def test_probabilities(worker, tmp_path):
    result = worker.segment(ZOO, "panda", probability=True)["panda"]
    assert result.probability.shape == (480, 640) and result.probability.dtype == np.float32
    assert ((result.probability >= 0.05) == result.mask).mean() > 0.999
    assert abs(result.probability.max() - result.max_probability) < 1e-4
    kept = worker.segment(ZOO, "panda", probability=True, output=tmp_path, save=["mask"])["panda"]
    assert sorted(kept.files) == ["mask", "probability"] and (kept.probability == result.probability).all()
    with pytest.raises(ValueError, match="probability=True"):
        worker.segment(ZOO, "panda")["panda"].probability  # noqa: B018


def test_errors_have_the_programs_codes(worker, tmp_path):
    (tmp_path / "bad.png").write_text("text")
    (tmp_path / "model.json").write_text("{}")
    cases = [
        (ldznet.MissingInputError, "missing_input", lambda: worker.segment("missing.png", "panda")),
        (ldznet.BadImageError, "bad_image", lambda: worker.segment(tmp_path / "bad.png", "panda")),
        (ldznet.UsageError, "usage", lambda: worker.segment(ZOO, "panda", threshold=2)),
        (ldznet.BadConfigError, "bad_config", lambda: ldznet.Worker(model=tmp_path)),
        (ldznet.MissingInputError, "missing_input", lambda: ldznet.Worker(model=tmp_path / "none")),
        (ldznet.UsageError, "usage", lambda: ldznet.Worker(no_such_option=1)),
        (ldznet.ProgramNotFoundError, "program_not_found", lambda: ldznet.Worker(program=tmp_path / "none")),
    ]
    for kind, code, call in cases:
        with pytest.raises(kind) as raised:
            call()
        assert raised.value.code == code and str(raised.value) and isinstance(raised.value, ldznet.LdznetError)
    assert worker.segment(ZOO, "panda").error is None


def test_the_programs_messages_are_logged(caplog):
    with caplog.at_level(logging.INFO, "ldznet"), ldznet.Worker(model=MODEL, size=64):
        pass
    assert any("running on" in record.message for record in caplog.records)


def test_a_killed_worker_is_replaced():
    with ldznet.Worker(model=MODEL, size=64) as worker:
        before = worker.pid
        os.kill(before, signal.SIGKILL)
        assert worker.segment(ZOO, "panda")["panda"].max_probability > 0
        assert worker.pid != before
    with pytest.raises(ValueError, match="closed"):
        worker.segment(ZOO, "panda")


def test_a_request_that_kills_twice_is_an_error(fake, tmp_path):
    with ldznet.Worker(program=fake) as worker:
        assert worker.segment("a", "once").image == "a"
        with pytest.raises(ldznet.WorkerDiedError):
            worker.segment("a", "die")
        assert worker.segment("b", "panda").image == "b"
    assert (tmp_path / "log").read_text().split() == ["once", "once", "die", "die", "panda"]


def test_tasks_and_workers_that_die(fake, tmp_path):
    async def ask(worker, prompt):
        return (await worker.segment("a", prompt)).results[0].prompt

    async def work():
        async with ldznet.AsyncWorker(program=fake) as worker:
            prompts = ["a", "once", "b", "die", "c", "d"]
            return await asyncio.gather(*(ask(worker, prompt) for prompt in prompts), return_exceptions=True)

    answers = asyncio.run(work())
    assert [a for a in answers if isinstance(a, str)] == ["a", "once", "b", "c", "d"]
    assert isinstance(answers[3], ldznet.WorkerDiedError)
    assert 2 <= (tmp_path / "log").read_text().split().count("die") <= 3


def test_requests_during_a_restart(fake):
    async def work():
        async with ldznet.AsyncWorker(program=fake) as worker:
            first = asyncio.create_task(worker.segment("a", "once"))
            later = []
            while not first.done():  # the process ends and starts again meanwhile
                later.append(asyncio.create_task(worker.segment("a", "b")))
                await asyncio.sleep(0.005)
            return await asyncio.gather(first, *later)

    assert len(asyncio.run(asyncio.wait_for(work(), 60))) > 2


def test_cancelled_requests_leave_nothing(fake, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    async def work():
        async with ldznet.AsyncWorker(program=fake) as worker:
            task = asyncio.create_task(worker.segment("a", "b", probability=True))
            await asyncio.sleep(0)
            task.cancel()
            assert (await worker.segment("a", "c")).results[0].prompt == "c"

    asyncio.run(work())
    assert list((tmp_path / "temporary").iterdir()) == []


def test_three_tasks_keep_their_order_and_results(worker):
    pictures = [np.full((64, 64, 3), shade, np.uint8) for shade in range(0, 250, 25)]
    expected = [worker.segment(pixels, "panda", method="rgbnet").json["results"] for pixels in pictures]

    async def ask(client, count):
        found = []
        for i in range(count):
            found.append((i % 10, (await client.segment(pictures[i % 10], "panda", method="rgbnet")).json["results"]))
        return found

    async def work():
        async with ldznet.AsyncWorker(model=MODEL, size=64, threshold=0.05, batch_size=1) as client:
            return await asyncio.gather(ask(client, 67), ask(client, 67), ask(client, 66))

    answers = [answer for task in asyncio.run(work()) for answer in task]
    assert len(answers) == 200 and all(results == expected[i] for i, results in answers)


def test_folders(tmp_path):
    for name in ("a.png", "b.png"):
        Image.new("RGB", (64, 64)).save(tmp_path / name)
    (tmp_path / "c.png").write_text("text")
    found = list(ldznet.segment_folder(tmp_path, ["panda", "sky"], model=MODEL, size=64))
    assert [Path(picture.image).name for picture in found] == ["a.png", "b.png", "c.png"]
    assert [len(picture) for picture in found] == [2, 2, 0]
    assert isinstance(found[2].error, ldznet.BadImageError) and found[2].width is None
    (only,) = ldznet.segment_folder(tmp_path / "c.png", "panda", model=MODEL)
    assert isinstance(only.error, ldznet.BadImageError)
    (missing,) = ldznet.segment_folder(tmp_path / "none", "panda", model=MODEL)
    assert isinstance(missing.error, ldznet.MissingInputError)
    with pytest.raises(ldznet.MissingInputError):
        list(ldznet.segment_folder(tmp_path / "a.png", "panda", model=tmp_path / "none"))


def test_a_folder_that_is_not_read_to_its_end(tmp_path):
    program = tmp_path / "program"
    line = json.dumps({"image": "a", "results": [], "filler": "x" * 100_000})
    program.write_text(f"#!/bin/sh\nwhile echo '{line}'; do :; done\n")
    program.chmod(0o755)
    run = ldznet.segment_folder(tmp_path, "panda", program=program)
    assert next(run).image == "a"
    closing = threading.Thread(target=run.close, daemon=True)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()


def test_errors_show_the_place_of_a_mistake(tmp_path):
    with pytest.raises(ldznet.UsageError, match=r"\n +\^"):
        list(ldznet.segment_folder(ZOO, "panda AND", model=MODEL))


def test_large_pictures_are_passed_as_files(worker, monkeypatch):
    expected = worker.segment(ZOO, "panda").json["results"]
    monkeypatch.setattr("ldznet.requests._MOST_INLINE", 1000)
    assert worker.segment(ZOO.read_bytes(), "panda").json["results"] == expected


def test_snippets_of_the_readme(tmp_path):
    snippets = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.M | re.S)
    assert len(snippets) == 5
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (64, 64)).save(tmp_path / "photos/a.png")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "python/src")}
    for snippet in snippets:
        run = subprocess.run([sys.executable, "-c", snippet], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert run.returncode == 0 and run.stdout, run.stderr


def test_the_wheel(tmp_path):
    shutil.copytree(ROOT / "python", tmp_path / "python")  # building writes into the source folder
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, tmp_path / "python"]
    subprocess.run([*pip, *build], check=True, stdin=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    assert wheel.name == f"ldznet-{version}-py3-none-any.whl"
    subprocess.run([*pip, "install", "--no-deps", "--target", tmp_path / "site", wheel], check=True)
    assert (tmp_path / "site/ldznet/py.typed").exists()
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    code = "import ldznet; print(ldznet.__file__, len(ldznet.__all__))"
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(str(tmp_path / "site"))
