import Glibc
import LinuxIO
import NodeScreen

/// The kernel's virtual consoles, by /dev/vcsa… and, for what is no ASCII, /dev/vcsu… (vcs(4)).
package struct VirtualConsoles: TextConsoles {
    private let root: String

    package init() {
        self.init(root: "")
    }

    init(root: String) {
        self.root = root
    }

    package func text(of console: Int?) async throws(ConsoleError) -> ConsoleText {
        try await onOwnThread("console") { () -> Result<ConsoleText, ConsoleError> in
            do throws(ConsoleError) { return .success(try read(console)) } catch { return .failure(error) }
        }.get()
    }

    private func read(_ console: Int?) throws(ConsoleError) -> ConsoleText {
        guard let number = console ?? active else { throw .noConsole }
        let path = "\(root)/dev/vcsa\(number)"
        let cells: [UInt8]
        do throws(Errno) { cells = try StateFile.read(path, limit: Self.most) } catch {
            switch error.code {
            // One that nobody has used yet has no device.
            case ENOENT, ENXIO, ENODEV:
                if known.isEmpty { throw .noConsole }
                throw .notFound(number, known: known)
            case EACCES, EPERM:
                throw .permission(path, group: User.group(of: path) ?? "tty", user: User.own.name)
            default: throw .failed(path, reason: error.description)
            }
        }
        guard let text = ConsoleText(console: number, cells: cells, unicode: unicode(number)) else {
            throw .failed(path, reason: "what it gives is no console's text")
        }
        return text
    }

    /// Of a console that is not in UTF-8 mode, and from kernels of before 5.0, there is none.
    private func unicode(_ number: Int) -> [UInt8]? {
        try? StateFile.read("\(root)/dev/vcsu\(number)", limit: Self.most)
    }

    /// As large as the largest screens make it.
    private static let most = 1 << 20

    /// The one in front; nil where the kernel has none.
    var active: Int? {
        guard let name = try? StateFile.read("\(root)/sys/class/tty/tty0/active", limit: 64) else { return nil }
        return Int(String(decoding: name, as: UTF8.self).drop { !$0.isNumber }.prefix(while: \.isNumber))
    }

    /// Without a list, none.
    private var known: [Int] {
        let names = (try? Directory.names(in: "\(root)/dev")) ?? []
        return names.compactMap { $0.hasPrefix("vcsa") ? Int($0.dropFirst(4)) : nil }.filter { $0 > 0 }.sorted()
    }
}

extension ConsoleText {
    /// `cells`: four bytes of rows, columns and the cursor's column and row, then a character and its colours for each place;
    /// `unicode`: four bytes for each place. Nil for what contradicts itself.
    init?(console: Int, cells: [UInt8], unicode: [UInt8]?) {
        guard cells.count > 4, cells[0] > 0 else { return nil }
        let places = (cells.count - 4) / 2
        let rows = Int(cells[0])
        let columns = places / rows
        // The head's numbers go to 255.
        guard cells.count == 4 + 2 * rows * columns, min(columns, 255) == Int(cells[1]) else { return nil }
        // Of a console that got another size in between, what is sure is ASCII.
        let characters: [Unicode.Scalar]
        if let unicode, unicode.count == 4 * places {
            characters = (0..<places).map { place in
                let value = unicode[4 * place..<4 * place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                return Self.shown(value)
            }
        } else {
            characters = (0..<places).map { place in
                let value = cells[4 + 2 * place]
                return Self.shown(value < 0x7F ? UInt32(value) : 0xFFFD)
            }
        }
        let lines = (0..<rows).map { row in
            let line = characters[row * columns..<(row + 1) * columns]
            let end = line.lastIndex { $0 != " " } ?? line.startIndex - 1
            return String(String.UnicodeScalarView(line[...end]))
        }
        self.init(
            console: console, rows: rows, columns: columns, cursorRow: Int(cells[3]), cursorColumn: Int(cells[2]),
            lines: lines)
    }

    /// What controls something shows as nothing does.
    private static func shown(_ value: UInt32) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { return "\u{FFFD}" }
        return scalar.properties.generalCategory == .control ? " " : scalar
    }
}
