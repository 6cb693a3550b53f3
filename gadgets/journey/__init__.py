"""Customer Experience Journey: the customer on a call, and what customers wrote."""
