"""What is wrong with a program file."""

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and where: ``path`` is empty for the file as a whole."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}: {self.words}" if self.path else self.words


class BlueprintError(Exception):
    """A program file that cannot be used; ``faults`` say why, one line each."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))
        self.faults = faults
