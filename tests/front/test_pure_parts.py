"""The pure parts of the gadgets, tested by Node's own runner beside this file."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def test_gadgets_keep_their_promises() -> None:
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    node = shutil.which("node", path=path)
    assert node, "Node.js is missing: run `make setup`"
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    run = subprocess.run([node, "--test", *files], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=200)
    assert run.returncode == 0, run.stdout + run.stderr
