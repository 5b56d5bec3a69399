"""The doors of a program: HTTP, sockets, and the pages that speak to them.

A gateway decides nothing. It finds out who asks, checks the shape of what is asked, hands commands to the
log's writer and questions to the views of its replica, and tells listeners what changed.
"""
