"""Measures rekey beside what people would use instead: a stock Rasa assistant and Django's password reset."""
