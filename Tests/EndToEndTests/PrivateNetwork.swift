import Glibc
import LinuxIO
import Testing

/// A network of a test's own, without any interface but a loopback that is switched off, and a private /run (unshare(1)).
enum PrivateNetwork {
    /// The command line of a shell in one that obeys `script`, with these words as its `$0`, `$1` …. Whatever it has started
    /// ends with it: it is the first process of its own.
    static func words(_ script: String, _ arguments: [String]) -> [String] {
        let root = geteuid() == 0 ? [] : ["--map-root-user"]
        return ["/usr/bin/unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"] + root
            + ["sh", "-c", "set -e; mount -t tmpfs tmpfs /run; \(script)"] + arguments
    }

    /// Two ends of a cable, one of them with addresses.
    static let cable = """
        ip link set lo up
        ip link add cable0 type veth peer name cable1
        ip address add 192.0.2.7/24 dev cable0
        ip link set cable1 up
        ip link set cable0 up
        """

    /// A message bus of its own, at the usual place.
    static let bus = """
        mkdir -p /run/dbus
        printf '<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>%s' \\
            '<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>' >/run/bus.conf
        printf '<allow receive_sender="*"/></policy></busconfig>' >>/run/bus.conf
        dbus-daemon --config-file=/run/bus.conf --fork
        """
}
