"""TSGL: texture reconstructed via structure, under the global and the local side.

Source: "Thinking inside the convolution for image inpainting: reconstructing texture via structure
under global and local side". Written from the paper; where paper and published code disagree, the
module concerned says which of the two it follows.
"""
