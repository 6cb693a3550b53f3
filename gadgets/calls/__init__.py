"""The survey after a call: what is kept of the call, its end, and that the customer declines."""
