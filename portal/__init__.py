"""The only door: HTTP in, one use case, HTTP out."""
