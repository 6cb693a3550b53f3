"""The gadget backend: what Finesse and the browsers of agents and supervisors see."""
