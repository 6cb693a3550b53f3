"""A WxM over HTTP as a source of journeys, comments and figures: its public calls, one file a kind of question."""
