"""What the gadgets promise in the browser, where it can be told without one."""
