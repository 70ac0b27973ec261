import PracticeGateway
import Testing

/// With Debian's Avahi, which is what announces gateways on most machines, in a network of the test's own.
@Suite(
    .timeLimit(.minutes(5)), .serialized, .enabled(if: PrivateMount.isAllowed, PrivateMount.need))
struct DiscoverTests {
    /// Avahi announces a gateway with an awkward name, whose labels would lead astray, and a printer.
    private static func avahi(withBus: Bool) -> String {
        """
        mkdir -p /run/avahi-daemon
        mount -t tmpfs tmpfs /etc/avahi/services
        cat >/etc/avahi/services/test.service <<'END'
        <?xml version="1.0" standalone='no'?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
        <service-group><name>Workshop, 2. $(reboot)</name>
        <service><type>_openclaw-gw._tcp</type><port>18790</port>
        <txt-record>role=gateway</txt-record><txt-record>gatewayTls=1</txt-record>
        <txt-record>gatewayPort=1</txt-record><txt-record>lanHost=elsewhere.local</txt-record>
        <txt-record>gatewayTlsSha256=\(String(repeating: "ab", count: 32))</txt-record></service>
        <service><type>_ipp._tcp</type><port>631</port></service></service-group>
        END
        printf '[server]\\nhost-name=workshop\\nenable-dbus=\(withBus ? "yes" : "no")\\n[rlimits]\\n' >/run/avahi.conf
        avahi-daemon -f /run/avahi.conf --daemonize --no-chroot --no-drop-root --no-rlimits --no-proc-title 2>/dev/null
        """
    }

    /// It takes Avahi a moment to be sure of its names.
    private static let untilFound = """
        until "$0" discover --json | tee /run/found | grep -q Workshop; do :; done
        cat /run/found
        """

    /// Names are found in the hosts' file alone, whatever this machine has beside it, and there by `hosts`.
    private func answer(_ prompt: Prompt, hosts: String = "", _ script: String) async throws -> Prompt.Ending {
        let names = """
            echo 'hosts: files' >/run/nsswitch.conf
            echo '\(hosts)' >/run/hosts
            mount --bind /run/nsswitch.conf /etc/nsswitch.conf
            mount --bind /run/hosts /etc/hosts
            """
        let words = PrivateNetwork.words(names + "\n" + script, [Stage.program])
        return try await prompt.run(
            words[0], Array(words.dropFirst()), variables: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    }

    @Test(
        "a gateway that Avahi knows, or that answers by itself, is found, at the place where the network has it",
        arguments: [true, false])
    func found(byAvahi: Bool) async throws {
        try await Prompt.run { prompt in
            let parts = [
                PrivateNetwork.cable, byAvahi ? PrivateNetwork.bus : "", Self.avahi(withBus: byAvahi), Self.untilFound,
            ]
            let end = try await answer(prompt, parts.joined(separator: "\n"))
            #expect(end.code == 0, "\(end.talk)")
            let said = try JSONReader.read(Array(end.answer.utf8))
            #expect(said["source"]?.string == (byAvahi ? "avahi" : "multicast"))
            let gateways = try #require(said["gateways"]?.array)
            let gateway = try #require(gateways.first)
            #expect(gateways.count == 1)
            #expect(gateway["name"] == "Workshop, 2. $(reboot)")
            #expect(gateway["host"] == "workshop.local")
            #expect(gateway["port"]?.integer == 18_790)
            #expect(gateway["addresses"]?.array?.first == "192.0.2.7")
            #expect(gateway["url"] == "wss://192.0.2.7:18790")
            #expect(gateway["labels"]?["gatewayTls"] == "1")
        }
    }

    @Test(
        "people get the line that joins it, by its name where that leads to it here, and nothing of what it says of itself",
        arguments: [
            ("192.0.2.7 workshop.local", "workshop.local"), ("192.0.2.8 workshop.local", "192.0.2.7"),
            ("", "192.0.2.7"),
        ])
    func table(hosts: String, target: String) async throws {
        try await Prompt.run { prompt in
            let script = [
                PrivateNetwork.cable, Self.avahi(withBus: false), Self.untilFound + " >/dev/null", "\"$0\" discover",
            ]
            let end = try await answer(prompt, hosts: hosts, script.joined(separator: "\n"))
            let line = "clawnode join wss://\(target):18790 --token-file FILE\n"
            #expect(end.answer == "Workshop, 2. $(reboot)  workshop.local:18790  " + line, "\(end.talk)")
        }
    }

    @Test("where nothing answers that is said, with what to do; where there is no network, too")
    func nothing() async throws {
        try await Prompt.run { prompt in
            let alone = try await answer(prompt, PrivateNetwork.cable + "\n\"$0\" discover; \"$0\" discover --json")
            #expect(alone.code == 0)
            #expect(alone.answer == #"{"gateways":[],"source":"multicast"}"# + "\n")
            #expect(alone.talk.contains("No gateway answers on this network"))
            #expect(alone.talk.contains("clawnode join wss://GATEWAY:18789 --token-file FILE"))
            let nowhere = try await answer(prompt, "\"$0\" discover")
            #expect(nowhere.code == 1)
            #expect(nowhere.talk.contains("no network here can be asked"))
        }
    }
}
