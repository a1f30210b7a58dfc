"""The business of a recovery: it alone decides. Standard library only, outside ``adapters``."""
