"""Selling: photos come in, drafts of listings are looked over, and go out in a shop's format."""
