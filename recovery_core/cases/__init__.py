"""Where does it stand? The case, its states and the use cases that move it."""
