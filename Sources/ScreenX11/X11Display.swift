import Glibc
import LinuxIO

/// Which X server is meant, and where it listens: `:0`, `unix:0` or `:0.1`. Those on other machines are none of ours.
struct X11Display: Equatable, Sendable {
    let number: Int
    /// Which of a server's screens: those of the time before they were joined to one.
    let screen: Int

    /// Nil for what names no server on this machine.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), ["", "unix"].contains(text[..<colon]) else { return nil }
        let parts = text[text.index(after: colon)...].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let number = Int(parts[0]), (0...65_535).contains(number),
            let screen = parts.count == 2 ? Int(parts[1]) : 0, (0...255).contains(screen)
        else { return nil }
        self.number = number
        self.screen = screen
    }

    static let folder = "/tmp/.X11-unix"

    var path: String { "\(Self.folder)/X\(number)" }

    /// The servers of this process' user that listen, in the order of their numbers. Blocks.
    static func found(in folder: String = folder) -> [X11Display] {
        // Where there is no such folder nobody listens.
        let names = (try? Directory.names(in: folder)) ?? []
        let own = names.filter { name in
            var status = stat()
            return stat("\(folder)/\(name)", &status) == 0 && status.st_uid == geteuid()
        }
        return own.compactMap { $0.hasPrefix("X") ? X11Display(":" + $0.dropFirst()) : nil }
            .sorted { $0.number < $1.number }
    }
}

extension X11Display: CustomStringConvertible {
    var description: String { screen == 0 ? ":\(number)" : ":\(number).\(screen)" }
}
