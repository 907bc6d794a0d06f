"""The clients beside the issue list: rows are made anew, and ordered anew, only where something changed."""

from __future__ import annotations

from backends.fleet.changes import Picture, replaced
from backends.fleet.model import Client, ClientId
from widgets.present.clients import ClientSums, Rank, all_row, client_row
from widgets.present.row import Row


class ClientList:
    def __init__(self) -> None:
        self._sums = ClientSums()
        self._clients: dict[ClientId, Client] = {}
        self._ranks: dict[ClientId, Rank] = {}
        self._rows: dict[ClientId, Row] = {}
        self._order: list[ClientId] = []
        self._listed: tuple[Row, ...] = ()
        self._waiting = -1

    def of(self, picture: Picture, waiting: int) -> tuple[Row, ...]:
        """The same object while nothing in it is different. `waiting` is the number of all issues that wait."""
        touched = self._sums.follow(picture)
        met = replaced(self._clients, picture.clients)
        touched |= {client.id for pair in met for client in pair if client is not None}
        self._clients = picture.clients
        if touched or waiting != self._waiting:
            moved = [name for name in touched if self._moved(name)]
            if moved:
                self._order = sorted(self._ranks, key=lambda name: (self._ranks[name], name))
            self._waiting = waiting
            self._listed = (all_row(waiting), *(self._rows[name] for name in self._order))
        return self._listed

    def _moved(self, name: ClientId) -> bool:
        """Bring one client up to date; whether it may stand elsewhere now."""
        client = self._clients.get(name)
        if client is None:
            self._rows.pop(name, None)
            return self._ranks.pop(name, None) is not None
        row, rank = client_row(client, self._sums), self._sums.rank(client)
        if self._rows.get(name) != row:
            self._rows[name] = row
        moved = self._ranks.get(name) != rank
        self._ranks[name] = rank
        return moved
