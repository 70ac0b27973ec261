import NodeMedia
import Synchronization

/// What the last snapshots showed, by the ids that their replies gave (`displayFrameId`, node-commands §5.2): whoever points at
/// something in one means that screen, of the shape that it had then.
final class FrameTable: Sendable {
    struct Frame: Equatable, Sendable {
        let id: String
        let output: ScreenOutput
        let capturedAt: MonotonicTime
    }

    /// Of each screen.
    private static let kept = 16

    private let frames = Mutex<[String: [Frame]]>([:])

    /// Enters what was seen at `time`; gives the id, which cannot be guessed.
    func enter(_ output: ScreenOutput, at time: MonotonicTime) -> String {
        let words = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }
        let id = words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
        frames.withLock { frames in
            let known = frames[output.name, default: []] + [Frame(id: id, output: output, capturedAt: time)]
            frames[output.name] = known.suffix(Self.kept)
        }
        return id
    }

    /// Nil for one that was never given, or is too old.
    func frame(_ id: String) -> Frame? {
        frames.withLock { frames in frames.values.lazy.flatMap { $0 }.first { $0.id == id } }
    }
}
