"""LaMa: large masks filled by Fourier convolutions, as published; weights are brought by people."""
