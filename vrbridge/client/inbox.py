"""What arrives finds whoever waits for it."""

from collections.abc import Callable
from typing import Final

from vrbridge.client.errors import ClientError, RequestFailed
from vrbridge.client.events import Done
from vrbridge.client.outputs import Complaint, Delivery, Forgot, Output, Ponged
from vrbridge.client.questions import Questions
from vrbridge.client.ticket import Ticket

_FORGET_FIELD: Final = "scope"


class Inbox:
    """Holds the open tickets and questions of one client."""

    def __init__(self) -> None:
        self._tickets: dict[int, Ticket] = {}
        self.questions = Questions()
        self.on_complaint: Callable[[RequestFailed], None] | None = None

    def add(self, ticket: Ticket) -> None:
        """Have a ticket receive what its request brings, up to its end."""
        self._tickets[ticket.id] = ticket

    def take(self, output: Output) -> None:
        """Hand over what the core made of a message."""
        match output:
            case Delivery(request_id, event):
                self._tickets[request_id].put(event)
                if isinstance(event, Done | ClientError):
                    del self._tickets[request_id]
            case Ponged(t, server_s):
                self.questions.answer(("ping", t), server_s)
            case Forgot(scope, items):
                self.questions.answer(("forget", scope), items)
            case Complaint(error):
                self._complain(error)

    def _complain(self, error: RequestFailed) -> None:
        # The one question that can be answered by an error names its field.
        if error.field == _FORGET_FIELD and self.questions.refuse("forget", error):
            return
        if self.on_complaint is not None:
            self.on_complaint(error)

    def lose(self, failure: ClientError | None) -> None:
        """Fail what waits for the connection (None) or for anything at all (the reason)."""
        lost = ConnectionError("The connection was lost before the answer came.")
        self.questions.fail(failure or lost)
        if failure is not None:
            for ticket in self._tickets.values():
                ticket.put(failure)
            self._tickets.clear()
