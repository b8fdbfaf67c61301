"""The code for the rule text of the same name."""
