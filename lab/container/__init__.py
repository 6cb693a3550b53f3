"""The gadget container, server side: what Shindig does for Finesse (contract/finesse.md §1)."""
