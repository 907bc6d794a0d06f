"""Names that an imaginary world is made of. Companies, providers and people here are invented."""

from __future__ import annotations

from typing import Final, NamedTuple


class Face(NamedTuple):
    """A company as the world knows it."""

    name: str
    zone: str
    days: str
    """Business hours without the zone; empty is around the clock."""


FACES: Final[tuple[Face, ...]] = (
    Face("Acme Dental", "America/Chicago", "Mon-Fri 08:00-18:00"),
    Face("Baker Law", "America/New_York", "Mon-Fri 08:30-18:30"),
    Face("Cole & Sons", "Europe/London", "Mon-Sat 07:00-17:00"),
    Face("Bäckerei Grünwald", "Europe/Berlin", "Mon-Sat 04:00-15:00"),
    Face("Clínica Santa Águeda", "Europe/Madrid", ""),
    Face("Fjordlast Spedisjon", "Europe/Oslo", "Mon-Fri 07:00-16:00"),
    Face("Harbourview Hotel", "Pacific/Auckland", ""),
    Face("Notariat Lefèvre", "Europe/Paris", "Mon-Fri 09:00-18:00"),
    Face("Pine Ridge Schools", "America/Denver", "Mon-Fri 07:30-16:30"),
    Face("東浜精機", "Asia/Tokyo", "Mon-Fri 08:00-17:00"),
    Face("Żuraw Logistyka", "Europe/Warsaw", "Mon-Sat 06:00-22:00"),
    Face("Delta Valley Credit Union", "America/Los_Angeles", "Mon-Fri 08:00-17:00"),
    Face("Kestrel Architects", "Europe/London", "Mon-Fri 09:00-17:30"),
    Face("Øresund Tandklinik", "Europe/Copenhagen", "Mon-Fri 08:00-16:00"),
    Face("Lakeside Veterinary", "America/Toronto", "Mon-Sat 08:00-19:00"),
    Face("Ferretería Ibáñez", "America/Mexico_City", "Mon-Sat 09:00-19:00"),
    Face("Marlow Precision", "Europe/London", "Mon-Fri 06:00-22:00"),
    Face("Αιγαίο Ναυτιλιακή", "Europe/Athens", ""),
    Face("Sunrise Senior Living", "America/Phoenix", ""),
    Face("Čistírna Vltava", "Europe/Prague", "Mon-Fri 06:00-18:00"),
    Face("Old Mill Brewery", "Europe/Dublin", "Mon-Sat 08:00-20:00"),
    Face("Studio Conti", "Europe/Rome", "Mon-Fri 09:00-18:00"),
    Face("Red Gum Winery", "Australia/Adelaide", "Mon-Fri 07:00-17:00"),
    Face("Escola São Jorge", "America/Sao_Paulo", "Mon-Fri 07:00-18:00"),
    Face("Northgate Accountants", "Europe/London", "Mon-Fri 08:00-18:00"),
    Face("Praxis Dr. Jäger", "Europe/Vienna", "Mon-Fri 07:30-17:00"),
    Face("Blue Heron Library", "America/Chicago", "Mon-Sat 09:00-20:00"),
    Face("Győri Malom", "Europe/Budapest", "Mon-Fri 06:00-14:00"),
    Face("Tui Bay Fisheries", "Pacific/Auckland", ""),
    Face("Cabinet Noël & Fils", "America/Montreal", "Mon-Fri 08:30-17:00"),
    Face("Ironbark Engineering", "Australia/Brisbane", "Mon-Fri 06:30-16:30"),
    Face("Van der Meer Bloemen", "Europe/Amsterdam", "Mon-Sat 05:00-14:00"),
    Face("Little Oaks Nursery", "Europe/London", "Mon-Fri 07:00-18:30"),
    Face("Söderberg Trävaror", "Europe/Stockholm", "Mon-Fri 07:00-16:00"),
    Face("Granite State Credit", "America/New_York", "Mon-Fri 08:00-17:00"),
    Face("Панорама Тур", "Europe/Sofia", "Mon-Fri 09:00-18:00"),
)

SURNAMES: Final = (
    "Abara", "Bergström", "Castillo", "Dąbrowski", "Eriksen", "Fontaine", "Gruber", "Hartley", "Ivanova", "Jansen",
    "Kowalski", "Lindqvist", "Moreau", "Nakamura", "O’Hara", "Petrović", "Quintana", "Rossi", "Schäfer", "Tanaka",
    "Ueda", "Vargas", "Whitaker", "Yıldız", "Zimmermann",
)  # fmt: skip
TRADES: Final = (
    "Dental", "Law", "Logistics", "Bakery", "Clinic", "Hotel", "School", "Foundry", "Brewery", "Architects",
    "Accountants", "Pharmacy", "Printing", "Motors", "Insurance", "Timber", "Optics", "Farm Supply", "Travel", "Tools",
)  # fmt: skip
ZONES: Final = (
    "Europe/London", "Europe/Berlin", "America/Chicago", "America/New_York", "Europe/Paris", "Australia/Sydney",
)  # fmt: skip

FIRST_SITES: Final = ("HQ", "Main", "HQ", "Head Office")
BRANCHES: Final = (
    "Warehouse", "Depot", "Clinic West", "Harbour", "Showroom", "North Branch", "South Branch", "Airport", "Workshop",
    "Old Town", "Plant 2", "Lab", "Market Street", "Records", "Training Centre", "Riverside",
)  # fmt: skip
PROVIDERS: Final = ("CityFiber", "NordNett", "Ponte Telecom", "BlueLine Cable", "Skylink LTE")

ROLES: Final = ("dc", "sql", "web", "file", "app", "mail", "erp", "backup")
SERVICES: Final = {
    "dc": "samba-ad-dc",
    "sql": "mssql-server",
    "web": "nginx",
    "file": "smbd",
    "app": "tomcat10",
    "mail": "postfix",
    "erp": "postgresql",
    "backup": "bareos-fd",
}
CLOUDS: Final = ("m365", "web-shop", "voip", "payroll", "sso")
