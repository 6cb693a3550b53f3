"""The gadgets in real Chromium, on the desktop of the lab, driven as an agent or a supervisor would."""
