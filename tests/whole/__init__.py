"""The whole of rekey as a newcomer starts it: supervisor, Rasa, portal, database, mail server."""
