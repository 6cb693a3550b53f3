"""What the resources of the WxM API share."""
