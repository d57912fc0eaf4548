"""MI-GAN: a small network for one size of picture, as published; weights are brought by people."""
