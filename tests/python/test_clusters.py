"""The job files in examples/clusters: they name options that exist, and their parts together do every picture once."""

import os
import re
import subprocess

import pytest
import yaml
from conftest import BINARY, MODEL, ROOT, Program, good

EXAMPLES = ROOT / "examples" / "clusters"
FAST = {"LDZNET_MODEL": str(MODEL), "LDZNET_METHOD": "rgbnet", "LDZNET_SIZE": "64"}


def parts_of(program: Program, run) -> list[str]:
    """Runs both parts of a job of two and returns the masks."""
    for part in range(2):
        good(run(part))
    return [name for name in program.files("masks") if name.endswith(".png")]


def test_the_slurm_array(ldznet, zoo):
    script = EXAMPLES / "array.sbatch"
    environment = {**ldznet.env, **FAST, "PATH": f"{BINARY.parent}:{os.environ['PATH']}", "PICTURES": "zoo"}

    def run(part):
        slurm = {
            "SLURM_ARRAY_TASK_ID": str(1 + part),
            "SLURM_ARRAY_TASK_MIN": "1",
            "SLURM_ARRAY_TASK_COUNT": "2",
            "SLURM_CPUS_PER_TASK": "1",
        }
        return subprocess.run(["bash", script], env={**environment, **slurm}, cwd=ldznet.folder, capture_output=True)

    assert len(parts_of(ldznet, run)) == 3
    options = re.findall(r"^#SBATCH (--[a-z-]+)=?", script.read_text(), re.M)
    assert options == ["--array", "--cpus-per-task", "--mem", "--time", "--requeue"]


def test_the_kubernetes_job(ldznet, zoo):
    job = yaml.safe_load((EXAMPLES / "job.yaml").read_text())
    spec = job["spec"]
    assert (job["apiVersion"], job["kind"], spec["completionMode"]) == ("batch/v1", "Job", "Indexed")
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["restartPolicy"] == "Never"  # backoffLimitPerIndex needs it
    assert [volume["name"] for volume in pod["volumes"]] == [m["name"] for m in container["volumeMounts"]]
    command = [*container["command"], *container["args"]]
    assert f"/{spec['completions']}" in command
    changed = {"/data/photos": "zoo", "/data/masks": "masks", f"/{spec['completions']}": "/2"}
    words = [changed.get(word, word) for word in command[1:]]
    assert len(parts_of(ldznet, lambda part: ldznet(*words, env={**FAST, "JOB_COMPLETION_INDEX": str(part)}))) == 3


@pytest.mark.parametrize("name", ["array.sbatch", "job.yaml"])
def test_the_page_names_the_files(name):
    assert f"examples/clusters/{name}" in (ROOT / "docs" / "clusters.md").read_text()
