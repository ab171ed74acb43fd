"""The gapless numbers of agreements (entry.series)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.clerk import Clerk
from relocdesk.entry.series import Series
from relocdesk.records.agreement import Agreement, AgreementKind


class AgreementNumbers:
    """Takes agreement numbers: one series for each office, year, kind and laptop letter (pattern in settings)."""

    def __init__(self, session: Session, clerk: Clerk, home: str) -> None:
        self._series = Series(session, Agreement.number, settings.text(session, "agreement.pattern", home))
        self._parts = {
            "office": settings.text(session, "office.mark", home),
            "year": clerk.on[:4],
            "letter": clerk.laptop,
        }

    def take(self, kind: str) -> str:
        """The next number of an agreement of this kind (its code); the kind's first character stands in the number."""
        return self._series.take(kind=AgreementKind(kind).label[0], **self._parts)
