"""What a user would otherwise build: the same sockets with nothing behind them, and bids as Lua scripts."""
