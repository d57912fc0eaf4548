"""One window for all photos: which process has it, and how others hand it theirs. Nothing of what
the window does with them.
"""
