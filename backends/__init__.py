"""Everything behind the glass, headless: sources are read, folded into one picture, and repaired through one desk.

    adapters --Reading--> engine --Changes--> desk ==socket==> front ends
    fixes, store, capabilities <-- desk <==socket== commands

`text` makes outside text safe, `fleet` is the pure core, `api` is what an adapter author needs, `adapters` talk to the
world, `engine` polls, `fixes` repairs, `store` remembers, `desk` is the one facade, `wire` carries it over a local
socket, and `bootstrap` is the only place that picks implementations.
"""

__version__ = "0.1.0"
