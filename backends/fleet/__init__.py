"""The pure core: facts and what follows from them. No I/O, no clock, no asyncio: time is always an argument."""
