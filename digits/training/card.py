def write_card(*a): print("card", a[2])
