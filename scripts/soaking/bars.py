"""What a profile found out: figures, each with the bar that it has to keep."""

from dataclasses import dataclass, field

MIB = 1 << 20


@dataclass(frozen=True)
class Finding:
    """One figure, and whether it will do."""

    what: str
    figure: str
    bar: str
    kept: bool

    def __str__(self) -> str:
        return (
            f"  {'ok  ' if self.kept else 'MISS'} {self.what}: {self.figure}{f' (bar: {self.bar})' if self.bar else ''}"
        )


@dataclass
class Report:
    """The findings of one profile."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return all(each.kept for each in self.findings)

    def note(self, what: str, figure: object) -> None:
        """Tell a figure that has no bar."""
        self._add(Finding(what, str(figure), "", kept=True))

    def exactly(self, what: str, figure: object, wanted: object) -> None:
        self._add(Finding(what, str(figure), str(wanted), kept=figure == wanted))

    def seconds(self, what: str, figure: float, most: float) -> None:
        self._add(Finding(what, f"{figure:.2f} s", f"at most {most:g} s", kept=figure <= most))

    def mebibytes(self, what: str, figure: float, most: float) -> None:
        self._add(Finding(what, f"{figure / MIB:+.2f} MiB", f"at most +{most:g} MiB", kept=figure / MIB <= most))

    def at_most(self, what: str, figure: float, most: float) -> None:
        self._add(Finding(what, f"{figure:g}", f"at most {most:g}", kept=figure <= most))

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)
        print(finding, flush=True)


def percentile(values: list[float], share: float) -> float:
    """Give the value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))] if ordered else 0.0
