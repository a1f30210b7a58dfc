"""Who is it? Accounts, contacts, domains with their edition."""
