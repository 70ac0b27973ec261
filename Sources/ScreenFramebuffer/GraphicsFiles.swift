import LinuxIO
import NodeScreen

/// What the kernel's files tell of framebuffers. Blocks.
struct GraphicsFiles: Sendable {
    /// What stands before all paths: empty but for tests.
    var root = ""

    /// `fb0` and so on, in order.
    var framebuffers: [String] {
        names("/dev").compactMap { name in
            name.hasPrefix("fb") ? Int(name.dropFirst(2)).map { ($0, name) } : nil
        }
        .sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Whether a graphics driver stands behind it, which others can draw by as well.
    func hasDriver(_ framebuffer: String) -> Bool { !cards(framebuffer).isEmpty }

    /// What the kernel does to its consoles' text for a screen that hangs otherwise (`fbcon=rotate:`, the kernel's fbcon.rst): quarters
    /// with the clock. It tells of the console in front; 0 where it does not.
    var rotation: Int { text("/sys/class/graphics/fbcon/rotate").flatMap { Int($0) } ?? 0 }

    /// Why nobody sees a framebuffer's picture; nil when it is shown, as far as can be told.
    func darkness(_ framebuffer: String) -> ScreenError? {
        if let state = text("\(folder(framebuffer))/state"), state != "0" {
            return .unsupported(framebuffer, reason: "its driver sleeps; wake the machine up")
        }
        let powers = cards(framebuffer).flatMap { card in
            names(card).map { "\(card)/\($0)" }.filter { text("\($0)/status") == "connected" }
                .compactMap { text("\($0)/dpms") }
        }
        guard !powers.isEmpty, powers.allSatisfy({ $0 != "On" }) else { return nil }
        return .unsupported(
            framebuffer,
            reason: "it is switched off, as consoles are when nobody types; console.snapshot has its text, and "
                + "`setterm --blank 0` there keeps it on")
    }

    private func folder(_ framebuffer: String) -> String { "/sys/class/graphics/\(framebuffer)" }

    private func cards(_ framebuffer: String) -> [String] {
        let folder = "\(folder(framebuffer))/device/drm"
        return names(folder).filter { $0.hasPrefix("card") }.map { "\(folder)/\($0)" }
    }

    // What cannot be read is not there.
    private func names(_ folder: String) -> [String] { (try? Directory.names(in: root + folder)) ?? [] }

    /// A file's first line; nil where there is none.
    private func text(_ path: String) -> String? {
        guard let bytes = try? StateFile.read(root + path, limit: 4_096) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
