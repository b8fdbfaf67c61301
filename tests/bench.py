"""Speed of `preflight check` beside zizmor on the same workflows; figures are printed, never asserted.

    python tests/bench.py [FOLDER]

Without a folder it makes repositories of 3, 25 and 120 workflows from `examples/workflows`, and a monorepo of 500
packages and 60 workflows, of which it prints the time and the memory of preflight alone.
"""

from __future__ import annotations

import compileall
import resource
import runpy
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).parents[1]
SIZES = (3, 25, 120)
RUNS = 15
FEW = 3


def main() -> int:
    """Print the table."""
    # An installed package has its bytecode beside it; a checkout may not.
    compileall.compile_dir(TOP / "preflight", quiet=1)
    tools = {"preflight": program("preflight"), "zizmor": program("zizmor")}
    commands = {
        "preflight": [tools["preflight"], "check", "--color=never"],
        "zizmor": [tools["zizmor"], "--offline", "--no-progress", "--color=never", "."],
    }
    print(f"{'workflows':>10} {'preflight':>12} {'zizmor':>12} {'ratio':>7}   (median wall of {RUNS}, in ms)")
    with tempfile.TemporaryDirectory() as scratch:
        folders = [(int(Path(name).name), Path(name)) for name in sys.argv[1:]] or [
            (size, repository(Path(scratch, str(size)), size)) for size in SIZES
        ]
        for size, folder in folders:
            times = measure(commands, folder)
            ratio = times["preflight"] / times["zizmor"]
            print(f"{size:>10} {times['preflight']:>12.1f} {times['zizmor']:>12.1f} {ratio:>7.2f}")
        if not sys.argv[1:]:
            write = runpy.run_path(str(TOP / "tests" / "bench" / "monorepo.py"))["write"]
            wall, peak = alone(commands["preflight"], write(Path(scratch, "monorepo")))
            print(
                f"monorepo of 500 packages and 60 workflows: {wall:.0f} ms (median of {FEW}), {peak:.0f} MB at the most"
            )
    return 0


def alone(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the median wall time of a command in milliseconds, and its peak memory in megabytes."""
    walls = [measure({"it": command}, folder, runs=1)["it"] for _ in range(FEW)]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return statistics.median(walls), peak


def program(name: str) -> str:
    """Return the path of a program beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        sys.exit(f"bench: {name} is not installed beside {sys.executable}; run `make bench`")
    return found


def repository(folder: Path, size: int) -> Path:
    """Make a repository with one publish workflow and many others, as real ones have."""
    workflows = folder / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(TOP / "examples" / "workflows" / "npm.yml", workflows / "release.yml")
    noise = (TOP / "tests" / "bench" / "ci.yml").read_text(encoding="utf-8")
    for number in range(1, size):
        (workflows / f"ci-{number}.yml").write_text(noise.replace("name: CI", f"name: CI {number}"), encoding="utf-8")
    (folder / "package.json").write_text(
        '{"name": "widgets", "version": "1.0.0", "repository": "https://github.com/acme/widgets"}\n', encoding="utf-8"
    )
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "remote", "add", "origin", "https://github.com/acme/widgets"], cwd=folder, check=True)
    return folder


def measure(commands: dict[str, list[str]], folder: Path, runs: int = RUNS) -> dict[str, float]:
    """Return the median wall time of each command in milliseconds; the commands take turns."""
    walls: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, words in commands.items():
            begin = time.perf_counter()
            subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            walls[name].append((time.perf_counter() - begin) * 1000)
    return {name: statistics.median(found[1:]) for name, found in walls.items()}


if __name__ == "__main__":
    sys.exit(main())
