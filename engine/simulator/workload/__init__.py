"""What members, managers, services and the keeper ask for; see auctions.py."""
