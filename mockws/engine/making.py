"""In which circumstances things are made up: the day that dates count from, the language, the user's own words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mockws.schema.schema import ANCHOR, PLAINLY, Manner


@dataclass(slots=True, eq=False)
class Making:
    """What all that is made up in one session has in common; the engine keeps it up to date."""

    manner: Manner = PLAINLY
    epoch: datetime = ANCHOR  # the moment when the mock's clock stood at 0
    at: float = 0.0  # of the event that is under way

    @property
    def now(self) -> datetime:
        """Tell the moment of the event that is under way."""
        return self.moment(self.at)

    def moment(self, at: float) -> datetime:
        """Tell the moment of an event; a clock that was moved on beyond all measure stands at its end."""
        try:
            return self.epoch + timedelta(seconds=at)
        except OverflowError:
            return datetime.max.replace(tzinfo=self.epoch.tzinfo)
