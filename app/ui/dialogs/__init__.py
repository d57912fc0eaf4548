"""Dialogs that ask the user for something. They return an answer; acting on it is up to `shell`."""
