"""What a technician sees: widgets that know rows, and the pure view models that make rows from facts."""
