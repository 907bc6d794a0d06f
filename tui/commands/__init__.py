"""One class per verb.."""
