"""Matrix: an application service of the company's own homeserver (Matrix 1.7 and later; tried with Synapse).

The homeserver pushes transactions to ``/channels/matrix/_matrix/app/v1/…`` with its own token and repeats
each until it is answered 200; rekey answers as the service's user, and joins the chats it is invited to.
"""

from portal.channels.matrix.channel import MatrixChannel, MatrixConfig, build

__all__ = ["MatrixChannel", "MatrixConfig", "build"]
