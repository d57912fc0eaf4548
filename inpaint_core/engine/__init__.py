"""From a request to a result: crops, views, tiles and the engine; no files and no networks."""
