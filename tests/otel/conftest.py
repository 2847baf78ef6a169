"""The fixture that tests of telemetry share."""

import pytest

from tests.otel.telemetry import Telemetry


@pytest.fixture
def telemetry() -> Telemetry:
    """A fresh one."""
    return Telemetry()
