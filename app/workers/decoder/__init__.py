"""Decodes untrusted files in child processes with limits on time and memory; no Qt."""
