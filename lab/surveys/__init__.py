"""The deferred surveys of the lab as files, as `dispatch import` and `dispatch rules import` read them."""
