"""What a person at this machine can put right."""


class Trouble(RuntimeError):
    """The message is a sentence for that person; the command prints it and ends with 1."""
