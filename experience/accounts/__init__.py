"""Who may use the WxM API: users and their tokens."""
