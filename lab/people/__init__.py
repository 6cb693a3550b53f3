"""Who works in the lab and who calls it, and what they answered."""
