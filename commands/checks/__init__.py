"""What `doctor` verifies, one file a neighbour or a thing of our own."""
