"""The page that a customer fills in: `/s/<token>`, made on the server, without cookies; it works without JavaScript."""
