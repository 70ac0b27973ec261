/// Whether and by what the machine is connected: the interfaces of its default routes (proc(5), /proc/net).
struct NetworkState: Equatable, Sendable {
    enum Kind: String, Encodable {
        case wifi, cellular, wired, other
    }

    /// In the order of their routes; none without a way out.
    let kinds: [Kind]

    init(_ files: MachineFiles) {
        var kinds: [Kind] = []
        for name in Self.ways(files) {
            let kind = Self.kind(of: name, files)
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        self.kinds = kinds
    }

    /// The interfaces that lead everywhere.
    private static func ways(_ files: MachineFiles) -> [String] {
        var names: [String] = []
        func add(_ name: Substring, _ flags: Substring) {
            // Up, and no refusal (RTF_UP, RTF_REJECT).
            guard let flags = UInt32(flags, radix: 16), flags & 0x201 == 1, name != "lo" else { return }
            if !names.contains(String(name)) { names.append(String(name)) }
        }
        for line in files.lines("/proc/net/route") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            if fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000" { add(fields[0], fields[3]) }
        }
        for line in files.lines("/proc/net/ipv6_route") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            if fields.count >= 10, fields[1] == "00", fields[0].allSatisfy({ $0 == "0" }) { add(fields[9], fields[8]) }
        }
        return names
    }

    private static func kind(of name: String, _ files: MachineFiles) -> Kind {
        let interface = "/sys/class/net/\(name)/"
        let type = files.lines(interface + "uevent").first { $0.hasPrefix("DEVTYPE=") }?.dropFirst("DEVTYPE=".count)
        if type == "wlan" || files.has(interface + "phy80211") || files.has(interface + "wireless") { return .wifi }
        if type == "wwan" || name.hasPrefix("wwan") { return .cellular }
        // ARPHRD_ETHER, which a bridge of such ones has as well.
        return files.integer(interface + "type") == 1 ? .wired : .other
    }
}
