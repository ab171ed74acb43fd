"""Typesetting and the printable forms: pages, paragraphs, tables and blocks that become PDF files."""
