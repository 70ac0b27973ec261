import Glibc

/// What this machine is, as its files say; it does not change while we run, so it is read once.
package struct MachineFacts: Sendable, Equatable {
    /// The pretty name its owner gave it, when there is one.
    package var prettyHostName: String?
    /// The board's or the system's own name, e.g. "Raspberry Pi 4 Model B Rev 1.4".
    package var model: String
    /// e.g. "Debian GNU/Linux 12 (bookworm)".
    package var distribution: String
    package var distributionID: String
    package var kernel: String
    package var architecture: String
    package var chassis: String?
    package var virtualization: String?

    /// Reads them below `root`, which is empty but for tests.
    package static func read(root: String = "") -> MachineFacts {
        var system = utsname()
        uname(&system)
        let files = MachineFiles(root: root)
        func text(_ path: String) -> String? { files.text(path).flatMap { $0.isEmpty ? nil : $0 } }
        let release = (text("/etc/os-release") ?? text("/usr/lib/os-release")).map(assignments) ?? [:]
        let machine = text("/etc/machine-info").map(assignments) ?? [:]
        let product = text("/sys/class/dmi/id/product_name")
        let container = text("/run/systemd/container") ?? (files.has("/.dockerenv") ? "docker" : nil)
        return MachineFacts(
            prettyHostName: machine["PRETTY_HOSTNAME"],
            model: text("/proc/device-tree/model") ?? product.flatMap { placeholders.contains($0) ? nil : $0 }
                ?? "unknown",
            distribution: release["PRETTY_NAME"] ?? "Linux", distributionID: release["ID"] ?? "linux",
            kernel: string(&system.release), architecture: string(&system.machine),
            chassis: machine["CHASSIS"] ?? text("/sys/class/dmi/id/chassis_type").flatMap { chassisNames[$0] },
            virtualization: container
                ?? virtualization(
                    vendor: text("/sys/class/dmi/id/sys_vendor"), product: product,
                    hypervisor: text("/sys/hypervisor/type")))
    }

    /// The shell-like assignments of os-release(5) and machine-info(5).
    static func assignments(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "="), line.first != "#" else { continue }
            var value = line[line.index(after: equals)...]
            if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
                value = value.dropFirst().dropLast()
            }
            var unescaped = ""
            var isEscaped = false
            for character in value {
                if character == "\\" && !isEscaped {
                    isEscaped = true
                } else {
                    unescaped.append(character)
                    isEscaped = false
                }
            }
            if !unescaped.isEmpty { values[String(line[..<equals])] = unescaped }
        }
        return values
    }

    /// What makers of mainboards leave in place of a product's name.
    private static let placeholders: Set = [
        "To Be Filled By O.E.M.", "To be filled by O.E.M.", "System Product Name", "Default string", "Not Specified",
        "O.E.M.",
    ]

    /// The DMI chassis types (SMBIOS 3.6 §7.4.1) that hostnamectl has a word for.
    private static let chassisNames = [
        "3": "desktop", "4": "desktop", "6": "desktop", "7": "desktop", "13": "desktop", "35": "desktop", "8": "laptop",
        "9": "laptop", "10": "laptop", "14": "laptop", "11": "handset", "17": "server", "23": "server", "28": "server",
        "30": "tablet", "31": "convertible", "32": "convertible", "33": "embedded", "34": "embedded",
    ]

    /// The hypervisors that name themselves in the machine's own tables.
    private static func virtualization(vendor: String?, product: String?, hypervisor: String?) -> String? {
        if hypervisor == "xen" { return "xen" }
        let names = [
            (vendor, "QEMU", "qemu"), (product, "KVM", "kvm"), (product, "VMware", "vmware"),
            (product, "VirtualBox", "oracle"), (product, "Virtual Machine", "microsoft"),
            (vendor, "Amazon EC2", "amazon"),
            (vendor, "Google", "google"),
        ]
        return names.first { $0.0?.hasPrefix($0.1) == true }?.2
    }

    private static func string<Tuple>(_ field: inout Tuple) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
