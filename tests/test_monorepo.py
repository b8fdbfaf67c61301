"""A large monorepo, which `make bench` times."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path

from preflight import engine, rulebook
from preflight.readers import project
from preflight.rulebook import Phase

TODAY = date(2026, 11, 21)
WRITE = runpy.run_path(str(Path(__file__).parent / "bench" / "monorepo.py"))["write"]


def test_every_package_of_a_large_monorepo_is_judged_once_for_each_way_that_it_leaves(tmp_path):
    """500 packages and 60 workflows are within what a run may cost, and a healthy monorepo hears nothing."""
    folder = WRITE(tmp_path)

    read = project.read(folder, environment={}).project
    results = engine.judge(read, rulebook.read().select((Phase.CHECK,)), today=TODAY)

    found = [each.finding.message for result in results for each in result.counted]
    assert (found, len(read.packages), len(read.jobs), len(read.shipments)) == ([], 501, 14, 4 * 500 + 10)


def test_many_jobs_that_send_every_package_in_a_loop_are_read_to_the_end(tmp_path):
    """A limit that a healthy monorepo meets would be a fault that it does not have."""
    folder = WRITE(tmp_path, 300, 4)
    loop = folder / ".github" / "workflows" / "loop.yml"
    for number in range(11):
        loop.with_name(f"loop-{number}.yml").write_text(loop.read_text("utf-8"), "utf-8")

    read = project.read(folder, environment={}).project

    assert (read.unreadable, len(read.shipments)) == ((), (3 + 12) * 300)


def test_packages_that_a_loop_sends_belong_to_one_site(tmp_path):
    """The same command in another folder is no other place."""
    folder = WRITE(tmp_path, 20, 4)

    (job,) = (each for each in project.read(folder, environment={}).project.jobs if each.name == "loop")

    assert [len(site.packages.value) for site in job.sites] == [20]
