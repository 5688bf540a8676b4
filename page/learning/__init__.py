"""What a visitor teaches: digits put right, a hand from one sheet, a class. None of it where the API keeps nothing."""
