"""Who gets which price, and when a rule applies. Pure, and knows nothing of the engine."""
