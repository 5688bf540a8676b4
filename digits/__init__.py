"""A recogniser of handwritten digits: picture -> ink -> 28x28 -> HOG -> StandardScaler -> model."""
