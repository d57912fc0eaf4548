"""What brushes that retouch by hand make of the photo: the original, or pixels from elsewhere."""
