"""Fixtures: scratch folders, servers that are stopped when the test that asked for them ends."""

import pathlib

import pytest

import servers
import settings


def pytest_report_header():
    return f"saltmill: {settings.SALTMILL}; seed {settings.SEED}; {'full' if settings.FULL else 'short'} lengths"


@pytest.fixture
def scratch(tmp_path):
    """A folder of the test's own."""
    return tmp_path


@pytest.fixture
def running(scratch):
    """Starts servers, and stops them in reverse order: `running(servers.start_saltmill, physics="2015")`."""
    started = []

    def begin(starter, *arguments, **options):
        server = starter(scratch, *arguments, **options)
        started.append(server)
        return server

    yield begin
    for server in reversed(started):
        server.stop()


@pytest.fixture
def serve(running):
    """Starts `saltmill serve`; the options are those of ``servers.start_saltmill``."""
    return lambda **options: running(servers.start_saltmill, **options)


@pytest.fixture
def ministack(running):
    return running(servers.start_ministack)


@pytest.fixture
def moto(running):
    return running(servers.start_moto)


@pytest.fixture
def measured(record_property):
    """Notes a figure for the run's output: `measured("CPU s per million rows", 3.2)`."""

    return record_property


FIGURES = []


def pytest_runtest_logreport(report):
    if report.when == "call":
        FIGURES.extend(report.user_properties)


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("figures")
        for name, value in FIGURES:
            terminalreporter.write_line(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")


def pytest_sessionstart(session):
    program = pathlib.Path(settings.SALTMILL)
    if not program.exists():
        pytest.exit(f"{program} is not there: build it with Tests/run, or name one in SALTMILL", returncode=2)
