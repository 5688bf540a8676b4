"""Training: data sets -> examples -> models -> the two pickles and the model card."""
