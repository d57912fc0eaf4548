"""The TSGL network, at use and in training; data sets and the training loop are in the lab."""
