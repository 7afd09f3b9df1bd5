"""What identifies a person, or is free text about one, as the database never reads it."""
