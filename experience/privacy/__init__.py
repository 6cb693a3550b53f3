"""Personal data: phone numbers, e-mail addresses, hashes and masks."""
