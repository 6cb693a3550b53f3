"""Who is at the desktop: sessions, the directory, rosters."""
