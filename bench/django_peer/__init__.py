"""A Django site that resets passwords with Django's own forms and views; runs in ``bench/.venv``."""
