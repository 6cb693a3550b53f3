"""What the gadgets promise in the browser, where it can be tested without one."""
