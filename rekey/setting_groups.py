"""The settings that say where rekey runs and what it talks to, one class per question."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import NoDecode

Port = Annotated[int, Field(ge=1, le=65535)]
FreePort = Annotated[int, Field(ge=0, le=65535)]
Names = Annotated[tuple[str, ...], NoDecode]
"""A tuple that an environment variable writes with commas between its entries."""


class Web(BaseModel):
    """Where people reach rekey."""

    host: str = Field("127.0.0.1", description="Address the portal listens on.")
    port: Port = Field(8080, description="Port the portal listens on.")
    public_url: str = Field(
        "",
        description="Address people see, for links in mails, such as https://rekey.example.com; "
        "empty means http://{host}:{port}.",
    )
    embed_origins: Names = Field(
        (), description="Pages that may embed the widget: origins, separated by commas."
    )
    trusted_proxies: Names = Field(
        (),
        description="Networks of your reverse proxies (CIDR, commas); only they may say who the client is.",
    )
    client_allowlist: Names = Field(
        (),
        description="Networks (CIDR, commas) of company exits, free of the limit of addresses per client.",
    )


class Storage(BaseModel):
    """Where data is kept, and how much work a password hash is."""

    data_dir: Path = Field(
        Path("var"), description="Folder for all that a run writes: databases, keys, logs."
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL (sqlite+aiosqlite or postgresql+asyncpg); "
        "empty means a SQLite file in the data folder.",
    )
    argon2_profile: Literal["default", "owasp_46mib", "rfc9106_64mib", "cheapest"] = Field(
        "default",
        description="Cost of a password hash: default is 19 MiB, t=2, p=1; cheapest is for tests, "
        "`rekey serve` and `rekey up` refuse it.",
    )
    argon2_workers: int = Field(2, ge=1, le=64, description="Password hashes computed at the same time.")
    doveadm_command: str = Field(
        "",
        description="Command that ends mail sessions, such as /usr/bin/doveadm; "
        "empty means that sessions are not ended and people are told so.",
    )


class Keys(BaseModel):
    """Keys of 32 bytes, written as 64 hexadecimal digits; made at the first start where not given."""

    gateway_key: SecretStr | None = Field(None, description="Signs what the portal sends to Rasa.")
    actions_key: SecretStr | None = Field(None, description="Lets Rasa call the actions.")
    hashing_key: SecretStr | None = Field(
        None, description="Keys the hashes of codes, addresses and masked lines."
    )
    encryption_key: SecretStr | None = Field(None, description="Encrypts the outbox.")
    audit_key: SecretStr | None = Field(None, description="Keys the audit chain.")


class Sending(BaseModel):
    """How mail and SMS leave the house."""

    sender: Literal["console", "live"] = Field(
        "console", description="console keeps messages in memory (demo); live sends by SMTP and SMS gateway."
    )
    smtp_host: str = Field("", description="Mail server for outgoing mail.")
    smtp_port: Port = Field(587, description="Port of the mail server.")
    smtp_user: str = Field("", description="Name to sign in at the mail server; empty means no sign-in.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    smtp_starttls: bool = Field(True, description="Insist on STARTTLS before anything else is said.")  # noqa: FBT003 - a default value
    smtp_from: str = Field("rekey@localhost", description="Sender address of all mail.")
    sms_url: str = Field(
        "", description="Kannel sendsms address, such as http://127.0.0.1:13013/cgi-bin/sendsms."
    )
    sms_user: str = Field("", description="Name to sign in at the SMS gateway.")
    sms_password: SecretStr | None = Field(None, description="Password for the SMS gateway.")
    sms_from: str = Field(
        "", description="Sender number that the SMS gateway shows; empty leaves it to the gateway."
    )
    sms_countries: Names = Field(("+86",), description="Country prefixes that SMS may go to (commas).")
    sms_daily_max: int = Field(500, ge=0, description="SMS a day in all; at the cap operators get an alert.")
    sms_domain_floor: int = Field(50, ge=0, description="SMS a day that every domain has at least.")
    sms_domain_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="SMS a day of a domain as a share of its accounts, where above the floor.",
    )


class Processes(BaseModel):
    """The inner processes and the logs."""

    rasa_url: str = Field(
        "",
        description="Where Rasa answers when you run it yourself; empty means http://127.0.0.1:{rasa_port}.",
    )
    rasa_port: FreePort = Field(
        0, description="Loopback port of Rasa; 0 lets `rekey up` pick one, and means 5005 elsewhere."
    )
    actions_port: FreePort = Field(
        0,
        description="Loopback port of the actions; 0 lets `rekey up` pick one, and means 5055 elsewhere.",
    )
    tracker_url: str = Field(
        "",
        description="SQLAlchemy 1.4 URL of Rasa's own tracker database; "
        "empty means a SQLite file in the data folder.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level that is logged."
    )
    log_json: bool = Field(False, description="Write logs as JSON lines rather than for reading.")  # noqa: FBT003 - a default value
