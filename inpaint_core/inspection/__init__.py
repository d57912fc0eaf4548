"""Looks inside a fill: what the network was given and computed, and where pixels were copied from.

It reads engines through `engine` and `generators`, and may not use Qt or anything in `lab`.
"""
