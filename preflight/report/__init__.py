"""The same results for people and for machines."""
