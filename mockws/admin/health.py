"""How the mock is: ready or not, and what is wrong with its files."""

from dataclasses import dataclass
from typing import Any

from mockws.diagnostic import Diagnostic


@dataclass
class Health:
    """What `/health` tells; the composition root keeps it true."""

    version: str
    ready: bool = False
    document: str = ""
    problem: Diagnostic | None = None  # why the last change of a file was not taken over

    def sign(self) -> dict[str, str]:
        """Tell strangers what a health check needs, and no more."""
        return {"status": "UP" if self.ready else "DOWN"}

    def view(self, connections: int) -> dict[str, Any]:
        """Show it as JSON; a broken reload is DEGRADED: what was good is still served."""
        status = "DOWN" if not self.ready else "DEGRADED" if self.problem else "UP"
        shown: dict[str, Any] = {"status": status}
        if self.problem is not None:
            shown["problem"] = self.problem.as_dict()
        return {**shown, "connections": connections}
