"""The service: answers of one catalogue as JSON under ``/api/v1`` and as pages, over the same objects."""

from __future__ import annotations

from meot.service.app import create_app

__all__ = ["create_app"]
