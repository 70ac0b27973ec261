import Glibc

/// One program for all targets: the first argument names one, the others are libFuzzer's.
@main
enum Fuzz {
    private static let targets: [String: @Sendable ([UInt8]) throws -> Void] = [
        "codec": Codec.check, "upgrade": Upgrade.check, "frames": GatewayFrames.check,
        "goclaw": GoClawFrames.check, "state": StateFiles.check,
        "configuration": ConfigurationFiles.check, "worker": WorkerMessages.check, "jpeg-check": JPEGCheck.check,
        "jpeg": JPEGDecoding.check, "mdns": MulticastAnswers.check, "dbus": BusMessages.check,
        "join": JoinLinks.check, "body": HTTPBodies.check, "socks": SOCKSAnswers.check,
        "encoder": EncoderMessages.check, "gpsd": GPSDReports.check, "wayland": WaylandEvents.check,
        "x11": X11Answers.check,
    ]

    fileprivate static let check: @Sendable ([UInt8]) throws -> Void = {
        let name = CommandLine.arguments.dropFirst().first ?? ""
        guard let check = targets[name] else {
            say("fuzz: the first argument is one of " + targets.keys.sorted().joined(separator: " "))
            exit(64)
        }
        return check
    }()

    static func main() {
        _ = check
        var count = CommandLine.argc
        var words = CommandLine.unsafeArgv
        // libFuzzer takes a word without a dash for a folder of inputs.
        words[1] = words[0]
        words += 1
        count -= 1
        exit(runDriver(&count, &words, oneInput))
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ oneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("LLVMFuzzerTestOneInput")
package func oneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try Fuzz.check(Array(UnsafeBufferPointer(start: start, count: count))) } catch {
        say("thrown: \(error)")
        abort()
    }
    return 0
}

/// What the leak sanitizer does not count: a thread that is just starting is not seen to hold what it asks of itself.
@_cdecl("__lsan_default_suppressions")
package func suppressions() -> UnsafePointer<CChar> {
    let text: StaticString = "leak:pthread_getattr_np"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// Ends the run unless `condition` holds.
func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
    if condition { return }
    say("does not hold: " + sentence())
    abort()
}

private func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}

/// Lengths that a message is cut into on its way, by a part of the input.
struct Cuts {
    private var state: UInt64

    init(_ seed: some Sequence<UInt8>) {
        state = seed.reduce(1) { $0 << 8 | UInt64($1) }
    }

    mutating func next() -> Int {
        // A linear congruential generator, by Knuth's constants.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 1 + Int(state >> 33) % (state >> 60 == 0 ? 4096 : 12)
    }
}
