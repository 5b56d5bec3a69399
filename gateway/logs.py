"""Logs: one JSON object a line on standard error, without secrets.

Our own lines and those of the libraries leave in the same form. Nothing is logged that a client sent as it
was sent; should a field with a secret's name get here all the same, its value does not leave.
"""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.settings import Settings

OURS: Final = "livelot"
"""What the names of our own loggers begin with."""

SECRET_NAMES: Final = ("token", "authorization", "secret", "password", "key")


def configure_logs(level: str = "info", *, readable: bool = False) -> None:
    """Sets up logging for this process; ``readable`` writes for people rather than for machines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Processor = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    logging.getLogger(OURS).setLevel(level.upper())
    # At lower levels libraries log requests with their query, frames with their content, addresses with the
    # password in them: of theirs there are warnings alone, whatever is asked for.
    root.setLevel(max(logging.WARNING, logging.getLogger(OURS).level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets"):
        logging.getLogger(name).setLevel(root.level)


def is_readable(settings: Settings) -> bool:
    """Whether log lines are for people: asked for, or seen on a terminal."""
    if settings.log_format == "auto":
        return sys.stderr.isatty()
    return settings.log_format == "text"


def hide_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replaces the values of fields that have a secret's name."""
    for name in event:
        if any(part in SECRET_NAMES for part in name.lower().split("_")):
            event[name] = "[hidden]"
    return event
