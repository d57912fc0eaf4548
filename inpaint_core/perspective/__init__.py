"""Planes of the scene: found in the photo or set by four corners, and seen from straight ahead.

Nothing here fills; the room knows views, but no way to synthesise.
"""
