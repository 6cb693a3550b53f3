"""What tests share: scripted neighbours, real servers, samples."""
