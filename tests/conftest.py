"""What all tests share: no window, no network, and the same examples in every run."""

import ipaddress
import os
import socket

import pytest
from hypothesis import settings

collect_ignore = ["browser"]  # `make browser` runs these: they need Chromium

os.environ.setdefault("MPLBACKEND", "Agg")  # tests draw into memory

# Shared and slow machines must not fail a test by time, and a failure must come again when the test is repeated.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail a test that asks for an address beyond this machine."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"A test asked for the network: {host}. The course must work without.")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
