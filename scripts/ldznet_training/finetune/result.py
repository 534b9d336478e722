"""Writes the bundle of a finished training, and asks the program for its figures."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List

import torch

from ..bundle import describe, save_network
from ..bundle_folder import CARD, MANIFEST, new_bundle
from ..errors import UserError
from .frozen import HEAD, FrozenBundle
from .samples import Picture, save_manifest

FINE_TUNED = "; fine-tuned on other pictures"  # what the domain says after training


def write_result(
    bundle: FrozenBundle,
    networks: Dict[str, torch.jit.ScriptModule],
    folder: Path,
    name: str,
    version: str,
    phrases: List[str],
    about: str,
    overwrite: bool,
) -> None:
    """A copy of the bundle with the trained networks and without other heads. `phrases`: those that were
    trained; `about`: text for its model card.

    Raises OutputError."""
    manifest = bundle.manifest
    heads = {method["file"] for method in manifest["methods"].values()} - {f"{HEAD}.pt"}
    kept = [file for file in manifest["files"] if file not in heads]
    with new_bundle(folder, overwrite, inputs=[bundle.folder / file for file in kept]) as new:
        for file in kept:
            network = networks.get(file.removesuffix(".pt"))
            if network is None:
                shutil.copyfile(bundle.folder / file, new / file)
            else:
                for parameter in network.parameters():
                    parameter.requires_grad_(False)
                save_network(network.cpu(), new / file, manifest["dtype"])
        origin = f"{manifest['name']} {manifest['version']} (sha256 {bundle.sha256})"
        (new / CARD).write_text(f"# {name}\n\nTrained by scripts/finetune.py from {origin}.\n\n{about}", "utf-8")
        changed = {
            "name": name,
            "version": version,
            "methods": {HEAD: manifest["methods"][HEAD]},
            "default_method": HEAD,
            "torch": torch.__version__.split("+")[0],
            "files": {file: describe(new / file) for file in kept},
            **_knowledge(manifest, phrases),
        }
        (new / MANIFEST).write_text(json.dumps({**manifest, **changed}, indent=1) + "\n", "utf-8")


def _knowledge(manifest: Dict[str, Any], phrases: List[str]) -> Dict[str, Any]:
    """`domain` and `names` with what was trained. A bundle that names nothing knows any word, and stays so."""
    found: Dict[str, Any] = {}
    if "domain" in manifest:
        found["domain"] = manifest["domain"].removesuffix(FINE_TUNED) + FINE_TUNED
    if names := manifest.get("names"):
        known = {*names, *(synonym for synonyms in names.values() for synonym in synonyms)}
        found["names"] = {**names, **{phrase: [] for phrase in phrases if phrase not in known}}
    return found


def evaluate(program: Path, bundle: Path, pictures: List[Picture], folder: Path) -> Dict[str, float]:
    """The figures of `ldznet eval` for a bundle on a data set of `pictures`, which is written to `folder`.

    Raises UserError if the program fails."""
    save_manifest(pictures, folder)
    file = folder / "eval.json"
    command = [program, "eval", folder, "--model", bundle, "--methods", HEAD, "--quiet", "--json", file, "--overwrite"]
    # LDZNET_ variables of the caller are options, which would change the figures.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LDZNET_")}
    run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    if run.returncode != 0:
        reason = run.stderr.decode(errors="replace").strip() or f"exit code {run.returncode}"
        raise UserError(f"{program} eval failed for {bundle}: {reason}")
    found = json.loads(file.read_text())["methods"][HEAD]
    figures = {
        "mIoU": found["miou"],
        "IoU_FG": found["iou_fg"],
        "AP": found["ap"],
        "mIoU at 0.5": found["at_0.5"]["miou"],
    }
    return {**figures, **({"absent accuracy": found["absent_accuracy"]} if found["absent"] else {})}
