"""The experience platform: what it promises."""
