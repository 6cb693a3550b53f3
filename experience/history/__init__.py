"""History of a WxM, imported and exported."""
