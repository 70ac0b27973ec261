import Glibc

/// What the person who runs the demo sees.
enum Screen {
    static func say(_ text: String) {
        write(STDOUT_FILENO, text)
    }

    static func complain(_ text: String) {
        write(STDERR_FILENO, text)
    }

    private static func write(_ descriptor: CInt, _ text: String) {
        var line = text + "\n"
        // Nobody is left to tell when this fails.
        _ = line.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
