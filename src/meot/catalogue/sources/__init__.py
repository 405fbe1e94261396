"""Where products come from: one module a kind of source. Each yields entries, and says what is broken."""
