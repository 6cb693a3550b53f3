"""What the gadget backend promises."""
