"""The engine's vocabulary: values, choices, errors, messages and progress; no algorithms."""
