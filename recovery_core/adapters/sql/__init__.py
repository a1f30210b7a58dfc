"""The store: SQLAlchemy Core on SQLite or PostgreSQL; rows never leave this folder, only core values do."""
