"""The roles of those who ask."""

MEMBER, MANAGER, OPERATOR, SERVICE, KEEPER = range(5)
"""As they stand in an envelope."""

ROLES = {"member": MEMBER, "manager": MANAGER, "operator": OPERATOR, "service": SERVICE, "keeper": KEEPER}
"""Their names, as they stand in tokens and on pages."""
