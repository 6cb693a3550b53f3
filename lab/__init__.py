"""The lab: an application of its own that plays Cisco Finesse, to try and to test without one."""
