"""Files and services turned into facts, one module or package per kind."""
