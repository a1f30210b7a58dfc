"""The outside world: the only folder of the core that imports third parties."""
