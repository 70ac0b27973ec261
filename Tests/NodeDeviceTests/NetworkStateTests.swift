import Testing

@testable import NodeDevice

@Suite struct NetworkStateTests {
    private static let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

    private static func route(_ interface: String, _ destination: String = "00000000", flags: String = "0003") -> String
    {
        "\(interface)\t\(destination)\t0101A8C0\t\(flags)\t0\t0\t100\t\(destination == "00000000" ? destination : "00FFFFFF")\t0\t0\t0\n"
    }

    private static func route6(_ interface: String, length: String = "00", flags: String = "00000003") -> String {
        let none = String(repeating: "0", count: 32)
        return
            "\(none) \(length) \(none) 00 fe800000000000000000000000000001 00000400 00000001 00000000 \(flags)     \(interface)\n"
    }

    private func kinds(_ files: [String: String]) throws -> [NetworkState.Kind] {
        try FakeMachine.seen(files, NetworkState.init).kinds
    }

    @Test("the ways out are told by what their interfaces are, each kind once") func several() throws {
        #expect(
            try kinds([
                "/proc/net/route": Self.head + Self.route("wlan0") + Self.route("docker0", "000011AC")
                    + Self.route("eth0") + Self.route("wwx0"),
                "/proc/net/ipv6_route": Self.route6("eth1") + Self.route6("tun0") + Self.route6("lo"),
                "/sys/class/net/wlan0/type": "1\n", "/sys/class/net/wlan0/phy80211/index": "0\n",
                "/sys/class/net/eth0/type": "1\n", "/sys/class/net/eth1/type": "1\n",
                "/sys/class/net/wwx0/uevent": "DEVTYPE=wwan\nINTERFACE=wwx0\n", "/sys/class/net/tun0/type": "65534\n",
            ]) == [.wifi, .wired, .cellular, .other])
    }

    private static let deadEnds: [[String: String]] = [
        [:], ["/proc/net/route": head], ["/proc/net/route": "garbage\n\n\t\t\t"],
        ["/proc/net/route": head + route("eth0", "0001A8C0")],
        ["/proc/net/route": head + route("eth0", flags: "0002")],
        ["/proc/net/route": head + route("eth0", flags: "zz")],
        ["/proc/net/ipv6_route": route6("eth0", flags: "00200200") + route6("lo")],
        ["/proc/net/ipv6_route": route6("eth0", length: "40")],
    ]

    @Test(
        "what leads nowhere is no way out",
        arguments: deadEnds)
    func none(files: [String: String]) throws {
        #expect(try kinds(files) == [])
    }

    @Test("an interface that has gone since is one all the same") func gone() throws {
        #expect(try kinds(["/proc/net/route": Self.head + Self.route("eth7")]) == [.other])
    }
}
