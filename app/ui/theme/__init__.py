"""How the editor looks: colours, style sheet, icons, and the language; no widgets live here."""
