"""Screens compose and route; what they show is made in `widgets/present`, what they do in `tui/flows`."""
