"""Figures of the papers: what is computed for them, how they are drawn, and the page of them. May
not know any of the papers.
"""
