"""Every error HeatStream raises on purpose: one tree, whose leaves also are the fitting builtin.

A message names the thing (credentials removed) and says what to do next; it is shown to the user as it stands.
"""


class HeatStreamError(Exception):
    """The root: ``except HeatStreamError`` catches everything HeatStream raises on purpose."""


class SettingsError(HeatStreamError, ValueError):
    """A setting (an environment variable) has a value that cannot be used."""


class ControlsError(HeatStreamError, ValueError):
    """A control, argument or zone has a value outside its range."""


class SourceError(HeatStreamError):
    """A video source cannot be used."""


class SourceNotFoundError(SourceError, FileNotFoundError):
    """The source does not exist."""


class SourceUnreadableError(SourceError, ValueError):
    """The source exists, but no video can be decoded from it."""


class SourceTimeoutError(SourceError, TimeoutError):
    """The source did not open or deliver in time."""


class SourceRefusedError(SourceError, PermissionError):
    """The source wants other credentials, or forbids its use."""


class SourceUnreachableError(SourceError, ConnectionError):
    """The source's machine cannot be reached, or does not serve at the moment."""


class ModelError(HeatStreamError):
    """A detection model cannot be used."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """The model is neither a file nor an official name that could be downloaded."""


class ModelUnusableError(ModelError, ValueError):
    """The model exists, but cannot be loaded or detects nothing that has boxes."""


class UntrustedModelError(ModelError, PermissionError):
    """The model is a pickle outside the trusted folders."""


class OutputError(HeatStreamError, OSError):
    """An output file cannot be written."""


class TracksFileError(HeatStreamError, ValueError):
    """A file of stored tracks does not follow its format."""


class ClosedError(HeatStreamError, RuntimeError):
    """A resource was used after it was closed."""


class UnknownCameraError(HeatStreamError, LookupError):
    """No camera has this id."""


class TooManyCamerasError(HeatStreamError, RuntimeError):
    """As many cameras run as the setting ``max_cameras`` allows."""


class EngineUnavailableError(HeatStreamError, ConnectionError):
    """The engine process does not answer at the moment (it is starting, or starting again)."""


class CameraStoppedError(EngineUnavailableError):
    """The camera is known, but does not run."""


class StoreError(HeatStreamError):
    """What must last cannot be kept or read."""


class StoreUnavailableError(StoreError, OSError):
    """The database cannot be opened, read or written at the moment (locked, read-only, full, no connection)."""


class StoreVersionError(StoreError, ValueError):
    """The database belongs to a newer version, or to another program."""


class StoreCorruptError(StoreError, ValueError):
    """The database is damaged."""


class AccessError(HeatStreamError, PermissionError):
    """A request, or a path in one, is not allowed."""
