"""The bundled scripts as they are, run by real shells as root, each in mounts and processes of its own."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from backends.fixes.library import load_library
from backends.fleet.model import FixId

pytestmark = pytest.mark.real

FIXES = load_library()
SHELLS = ["dash", "busybox", "bash"]
SANDBOX = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def missing() -> str:
    if os.geteuid() != 0:
        return "needs root for mounts of its own"
    tried = subprocess.run([*SANDBOX, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "namespaces do not work here"


def impossible(why: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"scripts of fixes: {why}")


@pytest.fixture(autouse=True)
def _possible() -> None:
    if why := missing():
        impossible(why)


def needs(*tools: str) -> None:
    if gone := [tool for tool in tools if shutil.which(tool) is None]:
        impossible(f"needs {', '.join(gone)}")


def shell_of(name: str) -> list[str]:
    needs(name)
    return ["busybox", "ash"] if name == "busybox" else [name]


class Sandbox:
    """A machine for one script: no disk of ours can be reached from the folders that scripts write to."""

    def __init__(self, shell: str = "dash", *, net: bool = False) -> None:
        self._shell = shell_of(shell)
        self._place = (*SANDBOX, "--net") if net else SANDBOX

    def run(self, fix: str, *arguments: str, before: str = "", after: str = "") -> tuple[int, str, str]:
        """The script's exit code and output, and what `after` printed. `before` and `after` run in the same place."""
        (step,) = FIXES[FixId(fix)].steps_for("linux")
        harness = f"""
            set -e
            for place in /tmp /var/tmp /mnt /var/cache/apt /var/log; do mount -t tmpfs -o size=8m none $place; done
            mkdir -p /var/cache/apt/archives/partial
            [ ! -d /run/systemd ] || mount -t tmpfs none /run/systemd
            [ ! -d /etc/init.d ] || mount -t tmpfs none /etc/init.d
            {before}
            set +e
            "$@" >/mnt/output 2>&1 </dev/null
            echo "$? $(stat -c %s /mnt/output)"
            cat /mnt/output
            {after}
        """
        argv = [*self._place, "sh", "-c", harness, "sh", *self._shell, "-c", step.script, "sh", *arguments]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=100)
        assert done.returncode == 0 or done.stdout, done.stderr.decode()
        head, _, rest = done.stdout.partition(b"\n")
        code, size = (int(word) for word in head.split())
        return code, rest[:size].decode(), rest[size:].decode()


BUSYBOX_TOOLS = "mkdir /mnt/bin; busybox --install -s /mnt/bin; export PATH=/mnt/bin:$PATH;"
"""Every tool of the script from busybox."""

FULL = """
    mount -t tmpfs -o size=4m none /tmp
    dd if=/dev/zero of=/tmp/job.out bs=1k count=3000 2>/dev/null
    dd if=/dev/zero of="/tmp/-rf a
b" bs=1k count=500 2>/dev/null
    dd if=/dev/zero of=/tmp/fill bs=1k 2>/dev/null || true
    touch -d '3 days ago' /tmp/*
"""
LEFT = "echo; df -Pk /tmp | awk 'NR == 2 { print $3 }'; ls -A /tmp"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_full_tmp_is_really_freed(shell: str) -> None:
    code, output, after = Sandbox(shell).run("free-disk", "/tmp", "24", before=FULL, after=LEFT)
    assert (code, after.split()) == (0, ["0"])
    assert "Temporary files in /tmp: 4.0 MiB freed" in output
    assert "/tmp/job.out" in output


def test_a_full_tmp_is_really_freed_by_busybox_alone() -> None:
    code, _, after = Sandbox("busybox").run("free-disk", "/tmp", "24", before=FULL + BUSYBOX_TOOLS, after=LEFT)
    assert (code, after.split()) == (0, ["0"])


@pytest.mark.parametrize("tools", ["", BUSYBOX_TOOLS], ids=["gnu", "busybox"])
def test_clearing_follows_no_link_out_and_enters_no_other_file_system(tools: str) -> None:
    needs(*(["busybox"] if tools else []))
    before = (
        """
        mkdir -p /mnt/etc /tmp/inner /tmp/deep/er
        echo precious >/mnt/etc/passwd
        ln -s /mnt/etc /tmp/folder
        ln -s /mnt/etc/passwd /tmp/file
        ln -s ../../mnt/etc /tmp/deep/er/folder
        mount -t tmpfs none /tmp/inner
        echo other >/tmp/inner/disk
        echo fresh >/tmp/fresh
        touch -d '3 days ago' /mnt/etc/passwd /tmp/inner/disk
        touch -h -d '3 days ago' /tmp/folder /tmp/file /tmp/deep/er/folder
    """
        + tools
    )
    look = "cat /mnt/etc/passwd; find /tmp | sort"
    code, _, told = Sandbox().run("free-disk", "/tmp", "24", before=before, after=look)
    assert code == 0
    kept = "/tmp /tmp/deep /tmp/deep/er /tmp/deep/er/folder /tmp/file /tmp/folder /tmp/fresh /tmp/inner /tmp/inner/disk"
    assert told.split() == ["precious", *kept.split()]


@pytest.mark.parametrize("tools", ["", BUSYBOX_TOOLS], ids=["gnu", "busybox"])
def test_what_a_process_holds_and_what_is_no_file_is_kept(tools: str) -> None:
    needs(*(["busybox"] if tools else []))
    before = (
        """
        echo held >/tmp/open
        cp "$(command -v sleep)" /tmp/program
        mkfifo /tmp/pipe
        mkdir /tmp/empty
        echo 1 >/tmp/.X0-lock
        sleep 60 </tmp/open >/dev/null 2>&1 &
        /tmp/program 60 </dev/null >/dev/null 2>&1 &
        sleep 0.3
        touch -d '3 days ago' /tmp/* /tmp/.X0-lock
    """
        + tools
    )
    code, _, after = Sandbox().run("free-disk", "/tmp", "24", before=before, after="find /tmp | sort")
    assert code == 0
    assert after.split() == sorted(["/tmp", "/tmp/.X0-lock", "/tmp/empty", "/tmp/open", "/tmp/pipe", "/tmp/program"])


def test_zero_hours_frees_what_a_broken_job_wrote_just_now() -> None:
    before = FULL.replace("3 days ago", "5 minutes ago")
    assert Sandbox().run("free-disk", "/tmp", "24", before=before, after=LEFT)[2].split()[0] == "4096"
    assert Sandbox().run("free-disk", "/tmp", "0", before=before, after=LEFT)[2].split() == ["0"]


def test_files_in_var_tmp_are_kept_seven_times_as_long() -> None:
    before = (
        "echo 1 >/var/tmp/five; echo 1 >/var/tmp/nine; for n in five nine; do touch -d '5 days ago' /var/tmp/$n; done;"
    )
    before += "touch -d '9 days ago' /var/tmp/nine"
    code, _, after = Sandbox().run("free-disk", "/var/tmp", "24", before=before, after="ls /var/tmp")
    assert (code, after.split()) == (0, ["five"])


def test_only_what_lives_on_the_file_system_is_cleared() -> None:
    before = FULL + "echo old >/var/tmp/old; touch -d '90 days ago' /var/tmp/old"
    _, output, after = Sandbox().run("free-disk", "/tmp", "24", before=before, after="ls /var/tmp")
    assert (after.split(), "/var/tmp" in output) == (["old"], False)


def test_the_package_cache_of_apt_is_cleared() -> None:
    before = """
        mount -t tmpfs -o size=4m none /var/cache/apt/archives
        mkdir /var/cache/apt/archives/partial
        dd if=/dev/zero of=/var/cache/apt/archives/old_1.0_all.deb bs=1k count=2000 2>/dev/null
    """
    code, output, after = Sandbox().run(
        "free-disk", "/var/cache/apt/archives", "24", before=before, after="ls /var/cache/apt/archives/*.deb 2>&1"
    )
    assert (code, "Packages of apt: 2.0 MiB freed" in output) == (0, True), output
    assert "No such file" in after


@pytest.mark.parametrize(("mount", "code"), [("/mnt", 66), ("/mnt/nothing", 75), ("/etc", 75), ("/mnt/x y", 66)])
def test_a_place_with_nothing_of_ours_is_left_alone(mount: str, code: int) -> None:
    before = "mkdir '/mnt/x y'; mount -t tmpfs none '/mnt/x y'; echo 1 >/mnt/keep; touch -d '9 days ago' /mnt/keep"
    got, _, after = Sandbox().run("free-disk", mount, "24", before=before, after="cat /mnt/keep")
    assert (got, after.split()) == (code, ["1"])


def test_without_root_nothing_is_cleared() -> None:
    before = FULL + 'set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
    code, output, after = Sandbox().run("free-disk", "/tmp", "24", before=before, after=LEFT)
    assert (code, after.split()[0]) == (77, "4096")
    assert "Not permitted" in output


PROGRAM = """
    cp "$(command -v sleep)" '/mnt/a) S (b'
    '/mnt/a) S (b' 300 </dev/null >/dev/null 2>&1 & pid=$!
    sleep 0.2
    started() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20; }
    here() { case $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) in '' | Z*) echo gone ;; *) echo there ;; esac; }
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_process_is_ended(shell: str) -> None:
    before = PROGRAM + 'set -- "$@" "$pid:$(started $pid)"'
    code, output, after = Sandbox(shell).run("end-process", before=before, after="here")
    assert (code, after.strip()) == (0, "gone"), output


@pytest.mark.parametrize("shell", SHELLS)
def test_another_process_with_that_number_is_not_touched(shell: str) -> None:
    before = PROGRAM + 'set -- "$@" "$pid:$(($(started $pid) - 1))"'
    code, output, after = Sandbox(shell).run("end-process", before=before, after="here")
    assert (code, after.strip()) == (75, "there")
    assert "Nothing was done" in output


def test_a_process_that_ignores_the_request_is_ended_by_force() -> None:
    before = PROGRAM.replace("'/mnt/a) S (b' 300", "sh -c 'trap \"\" TERM; while :; do sleep 1; done'")
    before += 'set -- "$@" "$pid:$(started $pid)"'
    code, output, after = Sandbox().run("end-process", before=before, after="here")
    assert (code, after.strip()) == (0, "gone")
    assert "by force" in output


def test_a_process_that_has_ended_already_is_no_mistake() -> None:
    code, output, _ = Sandbox().run("end-process", "99999:123")
    assert (code, "has already ended" in output) == (0, True)


@pytest.mark.parametrize("process", ["1:1", "x:1", ":", "0x1:5"])
def test_no_other_thing_than_a_process_is_ended(process: str) -> None:
    assert Sandbox().run("end-process", process)[0] in (64, 75)


SERVICE = """
    mkdir -p /etc/init.d
    cat >/etc/init.d/shop <<'END'
#!/bin/sh
# The daemon keeps the standard output open, as careless ones do.
case $1 in
start) [ ! -e /mnt/broken ] || { echo "shop: bad configuration" >&2; exit 1; }
    sleep 300 & echo $! >/mnt/shop.pid; echo started >>/mnt/log ;;
stop) kill "$(cat /mnt/shop.pid)" 2>/dev/null; rm -f /mnt/shop.pid; echo stopped >>/mnt/log ;;
restart) "$0" stop; "$0" start ;;
status) kill -0 "$(cat /mnt/shop.pid)" 2>/dev/null && [ ! -e /mnt/dies ] ;;
esac
END
    chmod 755 /etc/init.d/shop
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_stopped_service_is_started_and_watched(shell: str) -> None:
    after = "cat /mnt/log; service shop status && echo up"
    code, output, told = Sandbox(shell).run("restart-service", "shop", before=SERVICE, after=after)
    assert (code, told.split()) == (0, ["stopped", "started", "up"]), output
    assert output.endswith("shop is running.\n")


def test_a_service_that_cannot_start_says_why() -> None:
    code, output, _ = Sandbox().run("restart-service", "shop", before=SERVICE + "touch /mnt/broken")
    assert (code, "shop: bad configuration" in output) == (70, True)


def test_a_service_that_does_not_stay_up_is_not_a_success() -> None:
    code, output, _ = Sandbox().run("restart-service", "shop", before=SERVICE + "touch /mnt/dies")
    assert (code, "shop does not stay up" in output) == (70, True)


def test_a_service_that_is_not_there_is_not_a_success() -> None:
    assert Sandbox().run("restart-service", "nothing-of-that-name", before=SERVICE)[0] == 70


STUBS = """
    mkdir -p /mnt/bin
    for word in shutdown reboot systemctl; do
        printf '#!/bin/sh\\necho "%s $*" >>/mnt/called\\n' $word >/mnt/bin/$word; chmod 755 /mnt/bin/$word
    done
    export PATH=/mnt/bin:$PATH
    [ "$(command -v shutdown)" = /mnt/bin/shutdown ]
    [ "$(command -v reboot)" = /mnt/bin/reboot ]
"""


def test_a_reboot_asks_the_system_for_one() -> None:
    code, _, after = Sandbox().run("reboot", before=STUBS, after="cat /mnt/called")
    assert (code, after.strip()) == (0, "shutdown -r now")


WITHOUT_PGREP = """
    ! tool=$(command -v pgrep) || mount --bind /dev/null "$tool"
    [ -z "$(command -v pgrep)" ]
"""


@pytest.mark.parametrize("tools", ["", WITHOUT_PGREP], ids=["pgrep", "proc"])
def test_a_reboot_does_not_break_into_an_installation(tools: str) -> None:
    before = STUBS + tools + 'cp "$(command -v sleep)" /mnt/dpkg; /mnt/dpkg 60 </dev/null >/dev/null 2>&1 & sleep 0.2'
    code, _, after = Sandbox().run("reboot", before=before, after="cat /mnt/called 2>/dev/null")
    assert (code, after) == (75, "")


LEASE = """
    mount -t sysfs none /sys
    ip link add up0 type veth peer name eth7
    unshare --net sleep 60 </dev/null >/dev/null 2>&1 & server=$!
    sleep 0.3
    ip link set up0 netns $server; ip link set eth7 up
    there() { nsenter --net --target $server "$@"; }
    there ip link set up0 up; there ip addr add 10.99.0.1/24 dev up0
    cat >/mnt/conf <<'END'
start 10.99.0.50
end 10.99.0.60
interface up0
lease_file /mnt/leases
pidfile /mnt/udhcpd.pid
END
    : >/mnt/leases
    cat >/mnt/bind <<'END'
#!/bin/sh
[ "$1" != bound ] && [ "$1" != renew ] || { ip addr replace "$ip/24" dev "$interface"; echo "$1" >>/mnt/told; }
END
    chmod 755 /mnt/bind
    there busybox udhcpd -f -I 10.99.0.1 /mnt/conf >/dev/null 2>&1 </dev/null &
    mount -t tmpfs none /run
    busybox udhcpc -i eth7 -s /mnt/bind -p /run/udhcpc.eth7.pid -b -n >/dev/null 2>&1 </dev/null || true
"""


def test_a_lease_is_renewed_by_the_client_that_has_it() -> None:
    needs("ip", "busybox")
    code, output, after = Sandbox(net=True).run("renew-lease", "eth7", before=LEASE, after="cat /mnt/told")
    assert (code, after.split()) == (0, ["bound", "renew"]), output
    assert "Address 10.99.0." in output


def test_an_interface_that_is_not_there_is_told() -> None:
    assert Sandbox().run("renew-lease", "nothing0")[0] == 66


def test_an_interface_without_a_client_is_told() -> None:
    assert Sandbox().run("renew-lease", "lo", before="mount -t tmpfs none /run")[0] == 69
