"""The desk behind both doors: may this caller ask for this, on whose behalf, and who answers.

Commands go to the log's writer and are answered when this gateway's replica has applied them; questions are
answered by the replica's views at once. A door gives the desk a function that takes the one answer.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog

from engine.commands import MEMBER, SERVICE
from engine.errors import Rejected, Rejection
from engine.position import Position
from engine.replica import Replica
from engine.units import MINUTE
from engine.writer import Writer
from gateway.directory import Directory
from gateway.identity import Caller, looks_personal
from gateway.limits import Limits
from gateway.operations import Operation

Answer = Callable[[Position, Any], None]
"""Takes the position that an outcome speaks for, and the outcome: a result, or ``Rejected``."""

CALL_WINDOW: Final = MINUTE
"""How long a command may still be applied, in ms, where the client does not say."""

THREADS: Final = 2
"""Looks at whole rule sets that are taken at once, each in a thread."""

SOCKET_WINDOW: Final = 15 * MINUTE
"""How far ahead ``not_after`` may lie over a member's socket, in ms: its key is remembered for as long."""

UNKNOWN_OUTCOME: Final = (
    "The command may still be applied. Send it again under its key to learn what became of it."
)

PERSONAL_ID: Final = (
    "member: an e-mail address is no id. Ids stay in the log for good; names and addresses belong in the "
    "directory."
)

INTERNAL: Final = Rejected("internal", "Something is wrong here, not with what you sent. It has been logged.")

_log = structlog.get_logger("livelot.gateway")


class Desk:
    """What every connection of a gateway shares. ``unanswered`` are what HTTP requests wait for."""

    def __init__(
        self, replica: Replica, writer: Writer, limits: Limits, directory: Directory | None = None
    ) -> None:
        self.replica = replica
        self.limits = limits
        self.draining = False
        self.unanswered: set[asyncio.Future[tuple[Position, Any]]] = set()
        self._writer = writer
        self._directory = directory
        self._waiting: set[asyncio.Task[None]] = set()
        self._threads = asyncio.Semaphore(THREADS)
        # A key that the gateway makes must never be one that another process or an earlier start made.
        self._key_prefix = f"~{secrets.token_urlsafe(9)}"
        self._keys_made = 0
        self._position = replica.position
        self._position_text = str(replica.position)

    def text_of(self, position: Position | None) -> str:
        """``position`` as text; None: the replica's. A batch's answers share theirs: the last is kept."""
        position = position or self.replica.position
        if position is not self._position:
            self._position = position
            self._position_text = str(position)
        return self._position_text

    def refusal(self) -> Rejection | None:
        """Why nothing can be answered now, or None."""
        if self.replica.stopped:
            return Rejection("unavailable", "This gateway has to rebuild its state. Try again in a moment.")
        if self.draining:
            return Rejection("shutting_down", "This gateway is shutting down. Try again, at another one.")
        if not self.replica.ready:
            return Rejection("not_ready", "This gateway is still reading the log. Try again in a moment.")
        return None

    def give_up(self) -> None:
        """Ends the wait for every command whose outcome this gateway will not learn any more."""
        for answered in self.unanswered:
            if not answered.done():
                answered.set_exception(Rejection("unavailable", UNKNOWN_OUTCOME))

    def ask(self, operation: Operation, caller: Caller, request: Any, not_after: int, answer: Answer) -> None:
        """Answers by ``answer``, at once or later, exactly once.

        ``not_after`` (ms) is for commands whose request does not name one. Raises ``Rejection`` instead where
        the request is refused before it gets anywhere: what ``refusal`` gives, ``forbidden``, ``not_yours``,
        ``invalid_parameters``, ``personal_id``, what views raise, and what the writer raises.
        """
        refusal = self.refusal()
        if refusal is not None:
            raise refusal
        if not operation.roles >> caller.role & 1:
            allowed = " and ".join(operation.role_names)
            raise Rejection(
                "forbidden",
                f"{operation.name} is for the roles {allowed}; this token's is {caller.role_name}.",
            )
        member = _on_behalf(operation, caller, request.member) if operation.behalf else ""
        if operation.build is not None and looks_personal(getattr(request, "member", "")):
            raise Rejection("personal_id", PERSONAL_ID, field="member")
        if request.position is not None:
            position = Position.parse(request.position)
            if position > self.replica.position:
                self._begin(
                    operation, self._ask_at(position, operation, caller, request, not_after, answer), answer
                )
                return
        program = self.replica.program
        if operation.beside is not None:
            self._begin(operation, self._answer_beside(operation, caller, request, member, answer), answer)
        elif operation.background and operation.view is not None:
            job = operation.view(program, request, member)
            self._begin(operation, self._answer_from(job, self.replica.position, answer), answer)
        elif operation.view is not None:
            answer(self.replica.position, operation.view(program, request, member))
        elif operation.preflight is not None and not (
            request.key and program.keys.knows(caller.actor, caller.role, request.key)
        ):
            # What was done before gets its first answer again, whatever the state is by now.
            check = operation.preflight(program, request)
            submit = partial(self._submit, operation, caller, request, member, not_after, answer)
            self._begin(operation, self._submit_after(check, submit), answer)
        else:
            self._submit(operation, caller, request, member, not_after, answer)

    def _submit(
        self,
        operation: Operation,
        caller: Caller,
        request: Any,
        member: str,
        not_after: int,
        answer: Answer,
    ) -> None:
        if operation.build is None:
            return
        self._writer.submit(
            actor=caller.actor,
            role=caller.role,
            key=request.key or self._make_key(),
            not_after=not_after if request.not_after is None else request.not_after,
            # A member is the actor already; naming it again would make another command of the same.
            command=operation.build(request, "" if caller.role == MEMBER else member),
            done=answer,
        )

    async def _ask_at(
        self,
        position: Position,
        operation: Operation,
        caller: Caller,
        request: Any,
        not_after: int,
        answer: Answer,
    ) -> None:
        """Asks once the replica has applied ``position``."""
        try:
            async with asyncio.timeout(self.limits.position_seconds):
                await self.replica.wait_for(position)
        except TimeoutError as error:
            words = f"This gateway has not reached position {position} yet. Try again."
            raise Rejection("unavailable", words) from error
        self.ask(operation, caller, request, not_after, answer)

    async def _answer_from(self, job: Callable[[], Any], position: Position, answer: Answer) -> None:
        async with self._threads:
            found = await asyncio.to_thread(job)
        answer(position, found)

    async def _answer_beside(
        self, operation: Operation, caller: Caller, request: Any, member: str, answer: Answer
    ) -> None:
        if self._directory is None or operation.beside is None:
            raise Rejection("unavailable", "This gateway has no directory.")
        position = self.replica.position
        found = operation.view(self.replica.program, request, member) if operation.view is not None else None
        if operation.background and found is not None:
            async with self._threads:
                found = await asyncio.to_thread(found)
        answer(position, await operation.beside(self._directory, caller, request, member, found))

    async def _submit_after(self, check: Callable[[], None], submit: Callable[[], None]) -> None:
        async with self._threads:
            await asyncio.to_thread(check)
        submit()

    def _begin(self, operation: Operation, work: Coroutine[Any, Any, None], answer: Answer) -> None:
        """Does in its own time what answers a call; a refusal out of it is the answer."""
        task = asyncio.create_task(self._finish(operation, work, answer))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _finish(self, operation: Operation, work: Coroutine[Any, Any, None], answer: Answer) -> None:
        outcome: Any
        try:
            await work
            return
        except Rejection as rejection:
            outcome = rejection.rejected
        except Exception:
            _log.exception("call failed", operation=operation.name)
            outcome = INTERNAL
        answer(self.replica.position, outcome)

    def _make_key(self) -> str:
        self._keys_made += 1
        return f"{self._key_prefix}{self._keys_made}"


def _on_behalf(operation: Operation, caller: Caller, member: str) -> str:
    """The member whom it is about: a member itself, or the one that a service names; empty for staff."""
    if caller.role == SERVICE:
        if not member and not operation.behalf_optional:
            raise Rejection(
                "invalid_parameters", "member: a service says on whose behalf it asks.", field="member"
            )
        return member
    if member and member != caller.actor:
        raise Rejection("not_yours", "Only a service asks for another: leave member out.", field="member")
    return caller.actor if caller.role == MEMBER else ""
