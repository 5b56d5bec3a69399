"""The draw of a raffle and its verification, version ``livelot-draw-1``; it imports nothing else of Livelot,
so that an auditor can take this folder and run it."""
