import Glibc
import LinuxIO

/// What is typed or piped in rather than given as a word of the command line, which everybody on the machine can read.
enum Typed {
    /// Asks for it where somebody sits at a terminal, without showing it; else it is the first line that is piped in.
    static func secret(_ question: String) throws(Failure) -> String {
        let line: [UInt8]?
        do throws(Errno) {
            line = isatty(STDIN_FILENO) == 1 ? try answer(to: question) : try piped()
        } catch { throw Failure(.usage, "standard input cannot be read: \(error)") }
        guard let line else { throw Failure(.refused, "given up; nothing has changed") }
        let text = String(decoding: line, as: UTF8.self).drop(while: \.isWhitespace)
        guard let end = text.lastIndex(where: { !$0.isWhitespace }) else {
            throw Failure(.usage, "nothing came from standard input")
        }
        return String(text[...end])
    }

    /// Nil when it is given up.
    private static func answer(to question: String) throws(Errno) -> [UInt8]? {
        defer { Output.talk("") }
        return try HiddenLine.read(from: STDIN_FILENO) { Output.ask(question + " (it is not shown): ") }
    }

    private static func piped() throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 64 << 10 {
            let count = try call { read(STDIN_FILENO, &chunk, chunk.count) }
            if count == 0 { break }
            bytes += chunk[..<Int(count)]
        }
        return Array(bytes.drop { $0 <= UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: "\n") })
    }
}
