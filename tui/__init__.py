"""Composition: the command line, the screen and the flows. Imports a front end only when one is asked for."""
