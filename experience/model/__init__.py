"""Values and rules that both back ends share; pure."""
