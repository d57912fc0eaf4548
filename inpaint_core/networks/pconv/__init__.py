"""The U-Net of partial convolutions, at use and in training."""
