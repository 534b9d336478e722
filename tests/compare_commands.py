"""The commands that compare_programs.py runs: cases, each of a prepared folder and one or more commands in it."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from compare_folders import ROOT, drop_outputs, mend, obstacles, odd, series, sets, texts, whole_series, zoo

PROMPTS = "panda|sky|grass"
LOW = ("-t", "0.1")  # so that a small working size finds something
FAST = ("--size", "96", "--threads", "1")


@dataclass
class Step:
    """A command. `stdin` as a list is sent a line at a time, each after the answer to the one before; `stdout` is
    compared as "bytes", "structure" (numbers aside), "presence", or "ignored"; `interrupt` sends SIGINT once a file
    matches this pattern; `chance_order` says that a journal's lines may come in another order."""

    arguments: tuple[str, ...]
    stdin: bytes | list[bytes] = b""
    env: dict[str, str] = field(default_factory=dict)
    stdout: str = "bytes"
    interrupt: str = ""
    chance_order: bool = False
    before: Callable[[Path], None] | None = None


@dataclass
class Case:
    name: str
    steps: list[Step]
    prepare: Callable[[Path], None] = lambda folder: None


def segment(*arguments: str, **more) -> Step:
    return Step(("segment", *arguments, *FAST), **more)


def one(name: str, *arguments: str, prepare=zoo, **more) -> Case:
    return Case(name, [segment(*arguments, **more)], prepare)


def commands(name: str, *lines: tuple[str, ...], prepare=zoo, stdout="bytes") -> Case:
    return Case(name, [Step(line, stdout=stdout) for line in lines], prepare)


A, ALL = ("zoo/a.png", "-p", PROMPTS, *LOW), ("zoo", "-r", "-p", PROMPTS, *LOW)
RUN_WIDE = ("--coco", "coco.json", "--coco-results", "results.json", "--label-studio", "tasks.json",
            "--panoptic", "set/panoptic.json", "--report", "page.html")  # fmt: skip

SEGMENT = [
    one("segment-recursive", *ALL),
    one("segment-save", *ALL, "-s", "mask,overlay,cutout,probability,labels,yolo,labelme", "--json=lines.jsonl"),
    one("segment-single-file", "zoo/a.png", "-p", "panda", *LOW, "-o", "panda.png"),
    one("segment-single-labels", *A, "-s", "labels", "-o", "all.png"),
    one("segment-stdout", "zoo/a.png", "-p", "panda", *LOW, "-s", "overlay", "-o", "-"),
    one("segment-stdin", "-", "-p", "sky", *LOW, "-s", "probability",
        stdin=(ROOT / "tests/data/pictures/rgb.png").read_bytes()),
    one("segment-json", *ALL, "--json", "--boxes", "--polygons"),
    one("segment-json-file", *ALL, "--json", "found.jsonl", "--save", "mask"),
    one("segment-run-wide", *ALL, *RUN_WIDE),
    one("segment-run-wide-failures", "in", "-p", PROMPTS, *LOW, *RUN_WIDE, "--json", "--save", "labels", prepare=series),
    one("segment-mask-options", *A, "--json", "--min-area", "40", "--fill-holes", "--largest", "-s", "mask"),
    one("segment-min-area", *A, "--json", "--boxes", "--min-area", "200"),
    one("segment-znet", *A, "--json", "--method", "znet"),
    one("segment-rgbnet", *A, "--json", "--method", "rgbnet", "--template", "a photo of a {}."),
    one("segment-draws", *A, "--json", "--samples", "3", "--seed", "5", "--batch-size", "2"),
    one("segment-timestep", *A, "--json", "--samples", "2", "--timestep", "60", "--precision", "fp32", "--device", "cpu"),
    one("segment-bf16", *A, "--json", "--precision", "bf16"),
    one("segment-list", "--list", "pictures.txt", "--prompts-file", "prompts.txt", *LOW, "-v", prepare=texts),
    one("segment-overwrite", "zoo/b.jpg", "-p", "sky", "--overwrite", *LOW, prepare=obstacles),
    one("segment-names", "zoo/a.png", "-p", "../../up", "-p", "a/b", "-p", "🐼 x", "-p", "x" * 300, *LOW,
        "-s", "mask,yolo", "--json"),
    one("segment-quiet", *A, "-q", "--json", "--no-progress", "--no-color"),
    one("segment-odd-pictures", "odd", "-p", "sky", "-t", "0", "--json", "-s", "mask,cutout", prepare=odd),
    Case("segment-dry-run", [
        segment(*ALL, "-n", "-s", "mask,labels,yolo", "--panoptic", "p.json"),
        segment("--list", "-", "-p", "x", "--dry-run", stdin=b"zoo/deep\0zoo/b.jpg\0"),
        segment("in", "--dry-run", "--prompts-file", "-", "--shard", "2/3", stdin=b"sky\nsea\n"),
    ], series),
    Case("segment-config", [
        segment("zoo/a.png", "--config", "run.toml", "--json", *LOW),
        segment("zoo/a.png", "--config", "run.toml", *LOW, env={"LDZNET_OUTPUT": "var", "LDZNET_FILL_HOLES": "1"}),
        segment("zoo/a.png", "--config", "run.toml", "-p", "sea", "-o", "flag", "-n", env={"LDZNET_OUTPUT": "var"}),
        segment("zoo/a.png", "-p", "sky", "--config", "json.toml", "-n", env={"LDZNET_JSON": "0"}),
        segment("zoo/a.png", "-p", "sky", "--config", "twice.toml", "--json"),
        segment("zoo/a.png", "-p", "x", "-n", env={"LDZNET_THRESHOLD": "high"}),
        *(segment("zoo/a.png", "-p", "x", "--config", f"{name}.toml")
          for name in ("unknown", "range", "syntax", "list", "nowhere")),
    ], texts),
]  # fmt: skip

SERIES = ("in", "-p", "sky|grass", *LOW, "-o", "out", "--save", "mask,probability")
RESUME = [
    Case("resume-after-failures", [
        segment(*SERIES, "--json=lines.jsonl", "--max-failures", "2"),
        segment(*SERIES, "--json=lines.jsonl", "--coco", "coco.json", "--resume", before=mend),
        segment(*SERIES, "--json=lines.jsonl", "--coco", "coco.json", "--resume", before=drop_outputs),
        segment(*SERIES, "--resume", "--overwrite", "-t", "0.2"),
    ], series),
    Case("resume-fail-fast", [
        segment(*SERIES, "--fail-fast"),
        segment(*SERIES, "--json", "--resume"),
    ], series),
    Case("resume-interrupted", [
        segment(*SERIES, "--json=lines.jsonl", *RUN_WIDE, stdout="ignored", interrupt="out/in/*.mask.png"),
        segment(*SERIES, "--json=lines.jsonl", *RUN_WIDE, "--resume", chance_order=True),
        segment(*SERIES, "--json=lines.jsonl", *RUN_WIDE, "--resume", chance_order=True),
    ], whole_series),
    Case("shard", [
        segment(*SERIES, "--shard", "1/3"),
        segment(*SERIES, "--shard", "/3", "--json", env={"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1"}),
        segment(*SERIES, "--resume"),
    ], whole_series),
]  # fmt: skip


def request(**members) -> bytes:
    return json.dumps(members).encode() + b"\n"


B64 = base64.b64encode((ROOT / "tests/data/pictures/rgb.png").read_bytes()).decode()
SKY = {"image": "zoo/a.png", "prompts": ["sky"]}
GOOD = [
    request(id=7, image="zoo/a.png", prompts=["panda", "sky"]),
    request(id={"deep": [None, 1.5]}, image_b64=B64, prompts=["grass"], threshold=0.02, polygons=True),
    request(image="zoo/a.png", prompts="panda|sky", seed=3, samples=2, size=64, id=None),
    request(id="last", **SKY, timestep=60, method="znet", boxes=True),
    request(id=1, **SKY, save="mask,labels", output="out"),
    request(id=2, **SKY, output="sky.png", min_area=5, fill_holes=True, largest=True),
    request(id=3, **SKY, output="sky.png"),
    request(id=4, **SKY, output="sky.png", overwrite=True, template="a {}"),
]
BAD = [
    b"\n", b"panda\n", b'{"id": 1, "image": "zoo/a.png"\n', b'{"id": 1, "image": "\xff", "prompts": ["a"]}\n',
    b"[" * 100000 + b"\n", b'{"id": 1, "seed": 1e999}\n', b'["zoo/a.png", "sky"]\n', request(id=1),
    request(id=1, image="zoo/a.png", image_b64="AAAA", prompts=["a"]), request(id=1, image="zoo/a.png"),
    request(id=1, image="zoo/a.png", prompts=[]), request(id=1, image="zoo/a.png", prompts=["sky", " "]),
    request(id=1, image="zoo/a.png", prompts=[["sky"]]), request(id=1, image="-", prompts=["sky"]),
    request(id=1, image="zoo", prompts=["sky"]), request(id=1, **SKY, thresold=0.3), request(id=1, **SKY, threshold=2),
    request(id=1, **SKY, threshold=[0.1, 0.2]), request(id=1, **SKY, threshold={"x": 1}),
    request(id=1, **SKY, timestep=5000), request(id=1, **SKY, method="sam"), request(id=1, **SKY, template="sky"),
    request(id=1, **SKY, output="-"), request(id=1, **SKY, json="x.json"), request(id=1, **SKY, output="zoo/a.png/x"),
    request(id=1, image_b64="not base64!", prompts=["sky"]), request(id=1, image_b64="QUJD", prompts=["sky"]),
    request(id=1, image="nowhere.png", prompts=["sky"]), request(id=1, image="bad.png", prompts=["sky"]),
    request(id=1, **SKY, config="x"), request(id=1, **SKY, boxes="perhaps"), request(id=1, **SKY, seed=-1),
]  # fmt: skip
WORKER = [
    Case("worker-waiting", [Step(("worker", *FAST, *LOW, "--batch-size", "1"), stdin=b"".join([*GOOD, *BAD, GOOD[0]]))],
         obstacles),
    Case("worker-line-by-line", [Step(("worker", *FAST, *LOW, "-q", "--boxes"), stdin=[*GOOD, *BAD, GOOD[0]])], obstacles),
    Case("worker-options", [
        Step(("worker", *FAST, "--config", "run.toml", "-o", "out", "-s", "mask,overlay", "--methods", "ldznet"),
             stdin=request(id=1, **SKY)),
        *(Step(("worker", *flags)) for flags in (["zoo/a.png"], ["-o", "-"], ["--json"], ["--methods", "sam"])),
    ], texts),
]  # fmt: skip

EVAL = ("eval", "sets/trained", "--limit", "8", *FAST)
DATA = [
    Case("eval", [
        Step((*EVAL, "--methods", "rgbnet,znet,ldznet", "--json", "figures.json", "--csv", "curves.csv", "--markdown",
              "table.md", "--report", "page.html", "--save-predictions", "ours", "--by", "kind")),
        Step(("eval", "sets/trained", "--limit", "8", "--predictions", "theirs=ours/znet", "--predictions", "ours/ldznet",
              "--json")),
        Step(("eval", "sets/absent", "--limit", "4", *FAST, "--save-predictions", "masks", "--save-as", "mask", "--json")),
        Step((*EVAL, "--save-predictions", "ours/ldznet")),
        Step((*EVAL, "--shard", "2/2", "--json", "--seed", "3", "--samples", "2")),
        *(Step(("eval", *arguments)) for arguments in ((), ("",), ("nowhere",), ("sets",), ("sets/trained", "--by", "x"),
           ("sets/trained", "--predictions", "x="), ("sets/trained", "--methods", "sam"), ("sets/trained", "--limit", "0"))),
    ], sets),
    Case("features", [
        Step(("features", "zoo/a.png", *FAST, "--clusters", "4", "--prompt", "panda")),
        Step(("features", "zoo/a.png", *FAST, "--taps", "output_blocks.1.1", "--timesteps", "50,100", "-o", "f.png")),
        *(Step(("features", *arguments, *FAST)) for arguments in ((), ("bad.png",), ("none.png",), ("zoo/a.png",),
           ("zoo/a.png", "--taps", "x"), ("zoo/a.png", "--clusters", "1"), ("zoo/a.png", "-o", "x.jpg"))),
    ], obstacles),
    Case("probe", [
        Step(("probe", "sets/trained", *FAST, "--timesteps", "100", "--taps", "output_blocks.1.1,output_blocks.5.0",
              "--limit", "20", "--json", "probe.json", "-o", "map.png")),
        Step(("probe", "sets/trained", "--taps", "x")),
        Step(("probe", "nowhere", "--json")),
    ], sets),
    Case("bench", [
        Step(("bench", *FAST, "--runs", "1", "--prompts", "2", "--json"), stdout="structure"),
        Step(("bench", "zoo/a.png", *FAST, "--runs", "1"), stdout="presence"),
        Step(("bench", "--runs", "0")),
    ], zoo),
    commands("info", ("info", "--json"), ("info", "bundle", "--json"), ("info", "nowhere"), prepare=obstacles),
    commands("info-text", ("info",), ("info", "bundle"), prepare=obstacles, stdout="presence"),
    Case("tokenize", [
        Step(("tokenize", "a photo of a panda")),
        Step(("tokenize", "-"), stdin="a panda\nsky\n\n🐼 ÄÖ\n".encode()),
        Step(("tokenize", "word " * 90)),
        Step(("tokenize", "panda", "-m", "bundle")),
        Step(("tokenize", "panda", "-m", "bundle", "--trust-unverified")),
    ], obstacles),
]  # fmt: skip

HELP = ((), ("segment",), ("worker",), ("eval",), ("features",), ("probe",), ("bench",), ("info",), ("tokenize",))
USAGE = """
segmnt a.png | --prompt panda | segment | segment a.png | segment a.png -p | segment a.png -p x --treshold 0.5
segment a.png -p x --threshold 1.5 | segment a.png -p x --threshold nan | segment a.png -p x --timestep -1
segment a.png -p x --samples 0 | segment a.png -p x --size 0 | segment a.png -p x --min-area few
segment a.png -p x --batch-size 0 | segment a.png -p x --threads 0 | segment a.png -p x --save masks
segment a.png -p x --method clipseg | segment a.png -p x --device gpu | segment a.png -p x --precision int8
segment a.png -p x --template photo | segment a.png -p x --boxes | segment a.png -p x -o - --json
segment a.png b.png -p x -o - | segment a.png -p x -s mask,overlay -o x.png | segment a.png -p x -o x.jpg
segment a.png -p x --coco - | segment a.png -p x -o x.png --coco ./x.png | segment a.png -p x --json=x --report x
segment - --list - -p x | segment a.png a.png -p x | segment a.png -p x -q -v | segment a.png -prompt x
segment a.png -p x --json --resume | segment a.png -p x --shard 5/4 | segment a.png -p x --panoptic p.txt
segment a.png -p x --threshold=0.1=2 | segment a.png -px -nq | info one two | tokenize | tokenize two words
features a.png -o x.jpg | probe | bench a b | worker --report x | eval x --recursive
"""
FAILURES = [
    commands("help", *((*command, "--help") for command in HELP), stdout="presence"),
    commands("version", ("--version",), ("-V",), ()),
    commands("usage", *(tuple(line.split()) for row in USAGE.strip().splitlines() for line in row.split(" | "))),
    Case("usage-empty", [Step(("segment", "a.png", "-p", prompt)) for prompt in ("", " ", "panda||sky")]),
    Case("missing-input", [segment(*arguments, "-p", "sky") for arguments in (
        ("nowhere.png",), ("--list", "nowhere.txt"), ("zoo/a.png", "--prompts-file", "nowhere.txt"), ("empty",),
        ("zoo/a.png", "-m", "nowhere"))], obstacles),
    Case("bad-input", [
        segment("bad.png", "-p", "sky", "--json"),
        segment("zoo", "bad.png", "nowhere.png", "-p", "sky", "--json", *LOW),
        segment("-", "-p", "sky", "-o", "-", stdin=b"nothing"),
        segment("zoo/a.png", "-p", "sky", "--device", "cuda:99"),
        segment("zoo/a.png", "-p", "sky", "--timestep", "1000"),
        segment("zoo/a.png", "-p", "sky", "-m", "bundle"),
    ], obstacles),
    Case("unwritable", [segment("zoo/a.png", "-p", "sky", *arguments) for arguments in (
        ("-o", "file/below"), ("-o", "file"), ("--json=file/x.jsonl",), ("-o", "there"), ("--coco", "file/c.json"),
        ("--report", "file/page.html"), ("-o", "/dev/null/x"))], obstacles),
    Case("existing-output", [segment("zoo", "-p", "sky"), segment("zoo/a.png", "-p", "x", "--coco", "file")], obstacles),
]  # fmt: skip

CASES = [*FAILURES, *SEGMENT, *RESUME, *WORKER, *DATA]
