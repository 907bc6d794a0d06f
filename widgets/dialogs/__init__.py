"""Questions over the screen. Cancel has the focus, and nothing is accepted before it was seen."""
