"""What a user would otherwise build: sockets with nothing behind them, bids as Lua scripts and as SQL."""
