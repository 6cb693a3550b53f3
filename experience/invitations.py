"""Invitations (WxM's survey tokens): who may answer which questionnaire, until when and how often."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from foundation.database import metadata

invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("questionnaire", String, nullable=False),
    Column("valid_till", BigInteger),
    Column("uses_left", Integer),
    Column("document", Text, nullable=False),
)
