"""Ten hosts of two clients, both of which have a `dc01`, as a real Zabbix, a real Prometheus and a real Icinga watch
them: all of them answer, and on all of them /var is full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.support.eventually import wait_for
from tests.support.ports import free_ports
from tests.support.servers import icinga2_config
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.prometheus import LOOPBACK, Process, api
from tests.support.servers.zabbix import ADMIN, ZabbixServer

HOSTS: Final = {"acme": ("dc01", "web01", "db01", "fs01", "app01"), "borg": ("dc01", "sql01", "nas01", "vm01", "vpn01")}
ALL: Final = tuple((client, host) for client, hosts in HOSTS.items() for host in hosts)
USED: Final = 96.5
"""Percent of /var everywhere."""


class Alerting:
    """A Prometheus and an Alertmanager, and one exporter that is scraped as each of the hosts."""

    def __init__(self, folder: Path) -> None:
        server, alerts, exporter, gossip = free_ports(4)
        self._folder = folder
        self.url = f"http://{LOOPBACK}:{server}"
        self.alertmanager = f"http://{LOOPBACK}:{alerts}"
        targets = [
            {"targets": [f"{LOOPBACK}:{exporter}"], "labels": {"client": client, "instance": f"{host}:9100"}}
            for client, host in ALL
        ]
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            'rule_files: ["rules.yml"]\n'
            f'alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{LOOPBACK}:{alerts}"]}}]}}]}}\n'
            f"scrape_configs: [{{job_name: node, static_configs: {json.dumps(targets)}}}]\n"
        )
        (folder / "rules.yml").write_text(
            "groups:\n- name: all\n  interval: 1s\n  rules:\n"
            "  - {alert: DiskAlmostFull, expr: tb_disk_used_percent > 90, labels: {severity: error},"
            ' annotations: {summary: "Disk {{ $labels.mountpoint }} is {{ $value }} % full"}}\n'
        )
        (folder / "alertmanager.yml").write_text("route: {receiver: oncall}\nreceivers: [{name: oncall}]\n")
        (folder / "told").mkdir()
        self.tell(USED)
        self._processes = [
            self._process(
                f"{self.url}/-/ready",
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/tsdb",
                f"--web.listen-address={LOOPBACK}:{server}",
                "--rules.alert.resend-delay=1s",
            ),
            self._process(
                f"{self.alertmanager}/-/ready",
                "prometheus-alertmanager",
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/alertmanager",
                f"--web.listen-address={LOOPBACK}:{alerts}",
                f"--cluster.listen-address={LOOPBACK}:{gossip}",
            ),
            self._process(
                f"http://{LOOPBACK}:{exporter}/metrics",
                "prometheus-node-exporter",
                f"--web.listen-address={LOOPBACK}:{exporter}",
                "--collector.disable-defaults",
                "--collector.textfile",
                f"--collector.textfile.directory={folder / 'told'}",
            ),
        ]

    def start(self) -> None:
        """Return when all the alerts are there."""
        for process in self._processes:
            process.start()
        for process in self._processes:
            process.wait()
        wait_for(lambda: len(api(f"{self.alertmanager}/api/v2/alerts")) == len(ALL), "the alerts of all hosts", 40)

    def tell(self, used: float) -> None:
        """So many percent of every /var are used from now on."""
        part = self._folder / "disk.part"
        part.write_text(f'tb_disk_used_percent{{mountpoint="/var"}} {used}\n')
        part.rename(self._folder / "told" / "disk.prom")

    def stop(self) -> None:
        for process in self._processes:
            process.stop()

    def _process(self, ready: str, *command: str) -> Process:
        return Process(command, ready, self._folder / f"{command[0]}.log")

    def configured(self) -> str:
        return (
            f'[sources.prom]\nkind = "prometheus"\nevery = "5s"\nurl = "{self.url}"\n'
            f'alertmanagers = ["{self.alertmanager}"]\nsettle = "3s"\n'
        )


def plant(server: ZabbixServer) -> None:
    """The hosts in a Zabbix, each with an agent that answers; return when their problems are there."""
    server.stop("server")  # it would take values before it knows what is to come of them
    zabbix = server.admin
    group = zabbix("hostgroup.create", {"name": "All of them"})["groupids"][0]
    for client, host in ALL:
        _plant(server, group, f"{client}-{host}")
    server.start_server()
    server.sent([(f"{client}-{host}", "disk.used", USED) for client, host in ALL])
    wait_for(lambda: len(zabbix("problem.get", {"output": ["eventid"]})) == len(ALL), "the problems of all hosts", 40)
    answers: dict[str, Any] = {"output": ["available"], "filter": {"available": 1}}
    wait_for(lambda: len(zabbix("hostinterface.get", answers)) == len(ALL), "the agents' answers", 40)


def _plant(server: ZabbixServer, group: str, name: str) -> None:
    zabbix = server.admin
    interface = {"type": 1, "main": 1, "useip": 1, "ip": LOOPBACK, "dns": "", "port": str(server.agent_port)}
    made = {"host": name, "groups": [{"groupid": group}], "interfaces": [interface]}
    host = zabbix("host.create", made)["hostids"][0]
    (interfaceid,) = (one["interfaceid"] for one in zabbix("hostinterface.get", {"hostids": host}))
    item = {"hostid": host, "value_type": 3, "history": "1d", "trends": "1d"}
    zabbix(
        "item.create",
        [
            {**item, "name": "Agent ping", "key_": "agent.ping", "type": 0, "delay": "1s", "interfaceid": interfaceid},
            {**item, "name": "Disk used", "key_": "disk.used", "type": 2, "value_type": 0, "units": "%"},
        ],
    )
    expression = f"last(/{name}/disk.used)>90"
    zabbix("trigger.create", {"description": "Disk space on /var", "expression": expression, "priority": 4})


def zabbix_configured(server: ZabbixServer) -> str:
    """For a user of rounds' own there would be rights to give; here it is the one that is there."""
    return (
        f'[sources.zbx]\nkind = "zabbix"\nevery = "5s"\nurl = "{server.url}"\nuser = "{ADMIN[0]}"\n'
        f'secret = "command:printf {ADMIN[1]}"\n{_PLACE}'
    )


def objects() -> str:
    """The hosts as Icinga's configuration."""
    lines = []
    for client, host in ALL:
        lines.append(icinga2_config.host(f"{client}-{host}", client, "hq", address=LOOPBACK))
        lines.append(icinga2_config.service(f"{client}-{host}", "disk /var"))
    groups = [f'object HostGroup "{name}" {{ }}' for name in ("linux-servers", *HOSTS)]
    return "\n".join([*groups, *lines])


def tell(icinga: Icinga) -> None:
    """What Icinga knows of them."""
    for client, host in ALL:
        icinga.result(f"{client}-{host}", output="PING OK")
        icinga.result(f"{client}-{host}", "disk /var", exit_status=2, output=f"DISK CRITICAL - /var {USED} %")


_PLACE: Final = "place = { host = '^(?P<client>acme|borg)-(?P<device>.+)$', site = \"hq\" }\n"


def icinga_configured(icinga: Icinga) -> str:
    return (
        f'[sources.ice]\nkind = "icinga2"\nevery = "5s"\nurl = "{icinga.url}"\nuser = "root"\n'
        f'secret = "command:printf icinga"\nca_file = "{icinga.ca_file}"\n'
        f'server_name = "{icinga2_config.NODE}"\n{_PLACE}'
    )
