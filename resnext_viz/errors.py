"""The errors a user can cause: one small family, caught once per door (page, command line) and shown in words."""


class UserError(Exception):
    """Something the user asked for cannot be had; the message says what happened and what to do."""


def first_line(error: Exception, most: int) -> str:
    """What an exception says first, in at most so many characters, to be put into words for a user."""
    return (str(error).strip().splitlines() or ["no reason is given"])[0][:most]


class SpecError(UserError, ValueError):
    """A network that cannot exist, or a name that is none.

    Attributes:
        field: the option at fault, as it is called in `ResNeXtSpec`.
        value: what was given.
        allowed: what is allowed, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
        super().__init__(f"{field} is {shown}; {allowed}")
