"""What a visitor teaches: digits put right, a hand from one sheet, a class. Nothing of it is there where the API is off."""
