"""Is it really they? Challenges, their budgets and limits, and the decoys."""
