"""What may a password be: rules, account words, history, and the port of the hasher."""
