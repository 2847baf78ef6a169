"""What all tests share: markers, and where the results of slow tests go."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent

# A busy machine is no defect: time is measured by the benches, never asserted in a test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers here too, so that they exist however pytest is started."""
    config.addinivalue_line("markers", "e2e: drives JupyterLab in a real browser")
    config.addinivalue_line("markers", "model: needs the embedded model and its weights")
    # Shells start what runs in the background with Ctrl-C ignored, which children inherit: those
    # that tests interrupt would never end.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the clone."""
    return REPOSITORY


@pytest.fixture(scope="session")
def results() -> Path:
    """The folder for screenshots and measurements; not committed."""
    folder = REPOSITORY / "test-results"
    folder.mkdir(exist_ok=True)
    return folder
