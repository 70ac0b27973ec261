import Glibc
import NodeCore
import WebSocket

/// Prints how many bytes masking, the check of UTF-8 and base64 get through in a second of processor: a name and a number in each line, for
/// each of `rounds`. The pieces are of 64 KiB, as they are on the wire, and so is the base64 that comes out.
///
/// usage: clawnode-wire ROUNDS MILLISECONDS
@main
enum Main {
    private static let size = 64 << 10

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 2 else { exit(64) }
        let time = Double(arguments[1]) / 1_000
        var bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var output = [UInt8](repeating: 0, count: size)
        let texts = [
            ("utf8-ascii", text(of: "{\"key\":\"value\",\"count\":12} ")),
            ("utf8-latin", text(of: "Größe, façade, año: überall ähnlich. ")),
            ("utf8-cjk", text(of: "日本語の文章、漢字かな交じり。")),
        ]
        for _ in 0..<arguments[0] {
            measure("mask", size, time) {
                var mask = FrameMask(key: 0x1234_5678)
                bytes.withUnsafeMutableBytes { mask.apply(to: $0) }
                return bytes[0]
            }
            for (name, text) in texts {
                measure(name, text.count, time) {
                    var validator = UTF8Validator()
                    guard text.withUnsafeBytes({ validator.accepts($0) }), validator.isComplete else { exit(1) }
                    return 0
                }
            }
            measure("base64", 48 << 10, time) {
                let count = bytes.withUnsafeBytes { input in
                    output.withUnsafeMutableBytes {
                        Base64.encode(UnsafeRawBufferPointer(rebasing: input[..<(48 << 10)]), into: $0)
                    }
                }
                return output[count - 1]
            }
        }
    }

    private static func text(of sentence: String) -> [UInt8] {
        var text = ""
        while text.utf8.count + sentence.utf8.count <= size { text += sentence }
        return Array(text.utf8)
    }

    /// Of the processor, so that what else the machine does counts little.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func measure(_ name: String, _ count: Int, _ seconds: Double, _ body: () -> UInt8) {
        var (turns, seen) = (0, UInt8(0))
        let began = processorSeconds()
        var spent = 0.0
        while spent < seconds {
            // Asking for the time costs as much as a few thousand bytes.
            for _ in 0..<16 { seen ^= body() }
            turns += 16
            spent = processorSeconds() - began
        }
        print("\(name) \(Double(count) * Double(turns) / spent) \(seen)")
    }
}
