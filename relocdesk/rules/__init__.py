"""The pure rules: plain values in, plain values out. No book, no files, no settings, no today(); the law is cited."""
