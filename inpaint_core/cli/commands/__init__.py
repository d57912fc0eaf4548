"""One module for each sub-command of ``inpaint``: its arguments and its messages; what it does
lives in the rooms below.
"""
