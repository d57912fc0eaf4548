"""The one way of a photo from file to file: read, tone, fill, apply, write, check. No arguments of
a command line and no documents of an editor.
"""
