"""Dialogues as coroutines: one per thing a technician wants done. Guard, ask, act, verify, tell."""
