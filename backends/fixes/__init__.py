"""Runbooks: plan (pure), guard (pure), run, verify, audit. There is no second way to change a device."""
