"""The vocabulary of the engine: values, errors and progress. Imports nothing of Lacuna."""
