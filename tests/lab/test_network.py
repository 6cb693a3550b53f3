"""A slow and a lossy network, between the browser and the lab and between the gadgets and their own service."""

from typing import Any

import pytest
import urllib3
from flask.testing import FlaskClient
from playwright.sync_api import FrameLocator, expect

from tests.lab.conftest import Desk, Vendor
from tests.lab.gadget_files import PLAIN_XML, PROBE_XML

TIMED = """async (body, url) => {
  const began = performance.now();
  const came = await fetch(url).then(() => true, (fault) => fault instanceof TypeError ? false : null);
  return [came, performance.now() - began];
}"""


@pytest.fixture
def probe(desk: Desk, vendor: Vendor) -> FrameLocator:
    vendor.put("/probe.xml", PROBE_XML)
    vendor.put("/other.xml", PLAIN_XML)
    desk.sign_in("1001")
    frame = desk.page.frame_locator("iframe[data-gadget=probe]")
    expect(frame.locator("#dialogs")).to_have_text("load 0;")
    return frame


def worsen(desk: Desk, **network: float) -> None:
    """Ask for it, and wait until the desktop knows."""
    assert urllib3.request("POST", f"{desk.url}/lab/network", json=network).status == 200
    wanted = {"latencyMs": 0, "loss": 0} | network
    for name, value in wanted.items():
        desk.page.wait_for_function(f"finesseContainer.network.{name} === {value}")


def timed(frame: FrameLocator, url: str) -> Any:
    return frame.locator("body").evaluate(TIMED, url)


def test_every_round_trip_takes_as_long_as_asked(desk: Desk, probe: FrameLocator, vendor: Vendor) -> None:
    worsen(desk, latencyMs=400)
    for url in ("/finesse/api/SystemInfo", f"{vendor.url}/other.xml"):
        came, milliseconds = timed(probe, url)
        assert came
        assert milliseconds >= 395
    worsen(desk)
    assert min(timed(probe, f"{vendor.url}/other.xml")[1] for _ in range(5)) < 395


def test_what_is_lost_never_arrives_until_the_network_is_better(
    desk: Desk, probe: FrameLocator, vendor: Vendor
) -> None:
    worsen(desk, loss=1)
    for url in ("/finesse/api/SystemInfo", f"{vendor.url}/other.xml"):
        assert timed(probe, url)[0] is False
    expect(desk.page.locator("#connection")).not_to_be_empty()
    worsen(desk)
    assert timed(probe, f"{vendor.url}/other.xml")[0] is True
    expect(desk.page.locator("#connection")).to_be_empty()


def test_only_browsers_are_far_away(client: FlaskClient) -> None:
    assert client.post("/lab/network", json={"latencyMs": 400, "loss": 1}).get_json() == {"latencyMs": 400, "loss": 1}
    assert client.get("/finesse/api/SystemInfo").status_code == 200


@pytest.mark.parametrize("body", [{"latencyMs": 401}, {"loss": 2}, {"loss": -0.1}, {"latencyMs": "slow"}])
def test_a_network_that_cannot_be_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post("/lab/network", json=body).status_code == 400
