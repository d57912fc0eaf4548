"""The editor: a Qt-free document, a thin Qt shell, one controller between them."""
