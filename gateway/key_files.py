"""The secret that signs tokens and the key that signs draws: read from their files, or made there."""

import os
import secrets
from pathlib import Path

from engine.signing import DrawKey, make_draw_key, read_draw_key
from gateway.identity import SECRET_LENGTH
from gateway.settings import FolderError, Settings, SettingsError


def read_secret(settings: Settings) -> str:
    """The secret that signs tokens; made, for its owner's eyes only, where the default file is not there yet.

    Raises ``SettingsError`` and ``FolderError``.
    """
    path = settings.secret_path
    if not settings.secret_file:
        try:
            _make_secret(path)
        except OSError as error:
            raise FolderError(
                f"The folder {settings.data} cannot be written: {error.strerror}. Allow it, or choose "
                "another --data."
            ) from error
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"The secret {path} cannot be read: {reason}.") from error
    if len(secret.encode()) < SECRET_LENGTH:
        raise SettingsError(f"The secret in {path} is too short: it needs {SECRET_LENGTH} bytes at least.")
    return secret


def read_or_make_draw_key(settings: Settings) -> DrawKey:
    """The key that signs the locks of raffles; made where the default file is not there yet.

    Raises ``DrawKeyError`` and ``FolderError``.
    """
    path = settings.draw_key_path
    if not settings.draw_key:
        try:
            make_draw_key(path)
        except OSError as error:
            raise FolderError(
                f"The draw key {path} cannot be made: {error.strerror}. Allow it, choose another --data, or "
                "name the program's key file by --draw-key."
            ) from error
    return read_draw_key(path)


def _make_secret(path: Path) -> None:
    """Writes the file at once or not at all: several processes may start together."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
    finally:
        unfinished.unlink()
