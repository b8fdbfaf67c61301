"""What is known, free of any file format: frozen dataclasses only."""
