"""Customer Experience Analytics: NPS, CSAT and CES of an agent or of teams."""
