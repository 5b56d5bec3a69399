"""``livelot replay``: recorded bids, run through the whole path and compared with what was recorded."""
