import CALSA
import Glibc
import LinuxIO
import NodeAudio
import NodeMedia

/// What ALSA has on this machine.
enum ALSADevices {
    /// Nil without its library, or without any device. Blocks.
    static func all(configured: SoundSource.ID?) throws(SoundError) -> SoundDevices? {
        guard let alsa = ALSA.functions else { return nil }
        // The library keeps what cards there were.
        _ = alsa.snd_config_update_free_global()
        var sources: [(id: String, name: String)] = []
        var sinks: [(id: String, name: String)] = []
        for hint in hints(alsa) {
            if hint.direction != "Output" { sources.append((hint.id, hint.name)) }
            if hint.direction != "Input" { sinks.append((hint.id, hint.name)) }
        }
        // Cards that may not be opened are not listed.
        if sources.isEmpty, let denied { throw permission(denied) }
        // Of the owner's choice need not be known here: /etc/asound.conf can describe what no card is.
        if let configured, !sources.contains(where: { $0.id == configured }) {
            sources.append((configured, configured))
        }
        guard !sources.isEmpty || !sinks.isEmpty else { return nil }
        let usual = configured ?? sources.first?.id
        return SoundDevices(
            sources: sources.map { SoundSource(id: $0.id, name: $0.name, isDefault: $0.id == usual) },
            sinks: sinks.enumerated().map { SoundSink(id: $1.id, name: $1.name, isDefault: $0 == 0) })
    }

    /// What the kernel records with, such as `pcmC1D0c`, and this process may not.
    private static var denied: String? {
        // Without sound there is no such folder.
        let names = (try? Directory.names(in: "/dev/snd")) ?? []
        return names.filter { $0.hasPrefix("pcm") && $0.hasSuffix("c") }.sorted().map { "/dev/snd/" + $0 }
            .first { access($0, R_OK | W_OK) != 0 && errno == EACCES }
    }

    static func permission(_ device: String) -> SoundError {
        let group = User.group(of: device) ?? "audio"
        return .permission(
            device, remedy: "run `sudo usermod -aG \(group) \(User.own.name)` and start the node again")
    }

    private struct Hint {
        let id: String
        let name: String
        /// Nil for both.
        let direction: String?
    }

    /// The cards' devices as they are, without the many ways to them that configuration files describe.
    private static func hints(_ alsa: CN_ALSA) -> [Hint] {
        var list: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard alsa.snd_device_name_hint(-1, "pcm", &list) == 0, let list else { return [] }
        defer { _ = alsa.snd_device_name_free_hint(list) }
        func text(_ hint: UnsafeMutableRawPointer, _ name: String) -> String? {
            guard let text = alsa.snd_device_name_get_hint(hint, name) else { return nil }
            defer { free(text) }
            return String(cString: text)
        }
        var hints: [Hint] = []
        var next = list
        while let hint = next.pointee {
            next += 1
            guard let id = text(hint, "NAME"), id.hasPrefix("hw:") else { continue }
            // The card, the device, and a line about its kind.
            let lines = (text(hint, "DESC") ?? id).split(separator: "\n")
            hints.append(Hint(id: id, name: lines.first.map(String.init) ?? id, direction: text(hint, "IOID")))
        }
        return hints
    }

    /// Who has the device open, such as ` (arecord, pid 4711)`; nothing where the kernel does not show it.
    static func holder(of id: String) -> String {
        // hw:CARD=NAME,DEV=0
        let parts = id.split(whereSeparator: { "=,".contains($0) })
        guard id.hasPrefix("hw:CARD="), parts.count == 4 else { return "" }
        // A file that cannot be read names nobody.
        let text = (try? StateFile.read("/proc/asound/\(parts[1])/pcm\(parts[3])c/sub0/status")) ?? []
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("owner_pid") }
        guard let pid = line?.split(separator: " ").last.flatMap({ Int32($0) }) else { return "" }
        let name = (try? StateFile.read("/proc/\(pid)/comm")) ?? []
        return " (\(String(decoding: name.prefix { $0 != 0x0A }, as: UTF8.self)), pid \(pid))"
    }
}
