"""What an administrator puts into Finesse: gadget XML, layouts, files."""
