"""The command line: one module for each command; no decisions are made here."""
