"""The gadget container, server side: what Shindig does for Finesse (docs/cisco/finesse.md §1)."""
